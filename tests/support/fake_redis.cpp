#include "support/fake_redis.h"

#include <array>
#include <deque>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "broker/redis/resp/resp_reader.h"

namespace wscast::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Words = std::vector<std::string>;

std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

}  // namespace

class FakeRedis::Impl : public std::enable_shared_from_this<Impl> {
 public:
  explicit Impl(asio::io_context& loop) : acceptor(loop, {asio::ip::address_v4::loopback(), 0}) {}

  void accept();
  std::size_t publish(std::string_view channel, std::string_view payload);

  tcp::acceptor acceptor;
  std::vector<std::shared_ptr<Session>> sessions;
  std::multiset<std::string, std::less<>> names;
  bool answers = true;
  bool holds = false;
};

class FakeRedis::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Impl& redis, tcp::socket socket)
      : redis_(redis), socket_(std::move(socket)), reader_(redis::RespReader::Limits{}) {}

  void read() {
    socket_.async_read_some(asio::buffer(in_),
                            [self = shared_from_this()](auto error, std::size_t bytes) {
                              if (error) return self->close();
                              self->take(bytes);
                              self->read();
                            });
  }

  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
    channels.clear();
    waiting.clear();
  }

  void say(std::string_view bytes) {
    if (silenced || !redis_.answers || !socket_.is_open()) return;
    out_ += bytes;
    write();
  }

  std::size_t receive(std::string_view channel, std::string_view payload) {
    if (!channels.contains(channel)) return 0;
    say("*3\r\n" + bulk("message") + bulk(channel) + bulk(payload));
    return 1;
  }

  bool take_next() {
    if (waiting.empty()) return false;
    const auto words = std::move(waiting.front());
    waiting.pop_front();
    change(words[0] == "SUBSCRIBE", words[1]);
    return true;
  }

  bool silenced = false;
  std::string name;
  std::set<std::string, std::less<>> channels;
  std::deque<Words> waiting;

 private:
  void take(std::size_t bytes) {
    reader_.feed({in_.data(), bytes});
    while (const auto command = reader_.next()) {
      Words words;
      for (const auto& word : command->elements) words.emplace_back(word.text);
      if (!words.empty()) act(words);
    }
  }

  void act(const Words& words) {
    const auto& verb = words[0];
    if (verb == "SUBSCRIBE" || verb == "UNSUBSCRIBE") return subscribe(words);
    if (verb == "PUBLISH")
      return say(":" + std::to_string(redis_.publish(words[1], words[2])) + "\r\n");
    if (verb == "CLIENT" && words.size() == 3) {
      name = words[2];
      redis_.names.insert(name);
    }
    say("+OK\r\n");
  }

  void subscribe(const Words& words) {
    for (std::size_t i = 1; i < words.size(); ++i) waiting.push_back({words[0], words[i]});
    while (!redis_.holds && take_next()) continue;
  }

  void change(bool subscribe, const std::string& channel) {
    if (subscribe) {
      channels.insert(channel);
    } else {
      channels.erase(channel);
    }
    say("*3\r\n" + bulk(subscribe ? "subscribe" : "unsubscribe") + bulk(channel) + ":" +
        std::to_string(channels.size()) + "\r\n");
  }

  void write() {
    if (writing_ || out_.empty()) return;
    writing_ = true;
    sent_ = std::exchange(out_, {});
    asio::async_write(socket_, asio::buffer(sent_),
                      [self = shared_from_this()](auto error, std::size_t) {
                        self->writing_ = false;
                        if (!error) self->write();
                      });
  }

  Impl& redis_;
  tcp::socket socket_;
  redis::RespReader reader_;
  std::array<char, 16 * 1024> in_;
  std::string out_;
  std::string sent_;
  bool writing_ = false;
};

void FakeRedis::Impl::accept() {
  acceptor.async_accept([self = shared_from_this()](auto error, tcp::socket socket) {
    if (error) return;
    self->sessions.push_back(std::make_shared<Session>(*self, std::move(socket)));
    self->sessions.back()->read();
    self->accept();
  });
}

std::size_t FakeRedis::Impl::publish(std::string_view channel, std::string_view payload) {
  std::size_t receivers = 0;
  for (const auto& session : sessions) receivers += session->receive(channel, payload);
  return receivers;
}

FakeRedis::FakeRedis(asio::io_context& loop) : impl_(std::make_shared<Impl>(loop)) {
  impl_->accept();
}

FakeRedis::~FakeRedis() {
  impl_->acceptor.close();
  for (const auto& session : impl_->sessions) session->close();
}

std::string FakeRedis::url() const {
  return "redis://127.0.0.1:" + std::to_string(impl_->acceptor.local_endpoint().port());
}

void FakeRedis::answer(bool answers) {
  impl_->answers = answers;
}

void FakeRedis::silence(std::string_view name) {
  for (const auto& session : impl_->sessions) session->silenced |= session->name == name;
}

void FakeRedis::hold(bool holds) {
  impl_->holds = holds;
  while (!holds && take_next()) continue;
}

std::size_t FakeRedis::held() const {
  std::size_t held = 0;
  for (const auto& session : impl_->sessions) held += session->waiting.size();
  return held;
}

bool FakeRedis::take_next() {
  for (const auto& session : impl_->sessions) {
    if (session->take_next()) return true;
  }
  return false;
}

std::size_t FakeRedis::publish(std::string_view channel, std::string_view payload) {
  return impl_->publish(channel, payload);
}

void FakeRedis::say(std::string_view name, std::string_view bytes) {
  for (const auto& session : impl_->sessions) {
    if (session->name == name) session->say(bytes);
  }
}

std::set<std::string> FakeRedis::subscribed() const {
  std::set<std::string> all;
  for (const auto& session : impl_->sessions) {
    all.insert(session->channels.begin(), session->channels.end());
  }
  return all;
}

std::size_t FakeRedis::connected(std::string_view name) const {
  return impl_->names.count(name);
}

}  // namespace wscast::test
