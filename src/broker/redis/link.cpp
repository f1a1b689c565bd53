#include "broker/redis/link.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "broker/redis/locator.h"
#include "broker/redis/login.h"
#include "broker/redis/master_query.h"
#include "broker/redis/pick.h"
#include "broker/redis/resolver.h"
#include "broker/redis/stream.h"
#include "broker/redis/tls.h"

namespace wscast::redis {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kSlice = milliseconds(2);
constexpr std::size_t kRepliesPerClockRead = 16;
constexpr milliseconds kMinLogin(1'000);

/// The largest value is a message; a channel's name, and a small limit, need room beside it.
constexpr std::size_t kSlackBytes = 64 * 1024;

}  // namespace

class Link::Impl : public Stream::Owner, public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& loop, const RedisOptions& options, const RedisUrl& url, std::string role,
       Random& random, Handler& handler)
      : loop_(loop),
        options_(options),
        url_(url),
        name_(options.client_name + "-" + std::move(role)),
        random_(random),
        handler_(&handler),
        locator_(url_, random),
        resolver_(loop),
        tls_(options),
        timer_(loop) {}

  void start() {
    state_ = State::connecting;
    begin_attempt();
  }

  void send(std::string_view commands) {
    if (state_ != State::ready) return;
    queued_ += commands;
    if (flush_posted_) return;
    flush_posted_ = true;
    asio::post(loop_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->flush_posted();
    });
  }

  void redial(const std::string& why) {
    if (state_ == State::ready) return lose(true, described(why));
    if (stream_ || step_) lose(false, described(why));
  }

  void stop() {
    state_ = State::stopped;
    disconnect();
    timer_.cancel();
  }

  bool ready() const { return state_ == State::ready; }

  std::size_t unsent() const { return queued_.size() + (stream_ ? stream_->unsent() : 0); }

  std::string_view status() const {
    switch (state_) {
      case State::connecting:
        return "connecting";
      case State::greeting:
        return "connect";
      case State::ready:
        return "ready";
      case State::waiting:
        return "reconnecting";
      case State::stopped:
        break;
    }
    return "end";
  }

  const Host& host() const { return peer_; }

  bool silent() const { return failure_ == Failure::silence; }

  bool may_come_later() const { return failure_ != Failure::lasting; }

  void learn(const std::vector<Host>& nodes) { locator_.learn(nodes); }

  // Stream::Owner

  void on_connected() override {
    state_ = State::greeting;
    reader_.emplace(RespReader::Limits{.max_bulk_bytes = options_.max_receive_bytes + kSlackBytes});
    queued_ = dialogue_->opening();
    flush();
    stream_->read();
  }

  void on_bytes(std::span<const char> bytes) override {
    reader_->feed(bytes);
    take_replies();
  }

  void on_written() override { flush(); }

  void on_broken(const std::string& why, bool lasting) override {
    if (state_ == State::ready) return lose(true, described(why));
    step_failed(why, lasting ? Failure::lasting : Failure::absence);
  }

 private:
  enum class State : std::uint8_t {
    connecting,
    greeting,  ///< Connected; a dialogue goes on.
    ready,
    waiting,  ///< To tell that the link was lost, and to begin the next attempt.
    stopped,
  };

  /// Of an attempt: the worst of its steps, the last being worst.
  enum class Failure : std::uint8_t { silence, absence, lasting };

  std::string described(const std::string& why) const { return peer_.text() + ": " + why; }

  // An attempt goes through the locator's steps until one succeeds.

  void begin_attempt() {
    faults_.clear();
    failure_ = Failure::silence;
    locator_.begin();
    next_step();
  }

  void next_step() {
    state_ = State::connecting;
    step_ = locator_.next();
    if (!step_) return lose(false, faults_);
    peer_ = step_->host;
    if (step_->is_sentinel) {
      dialogue_ = std::make_unique<MasterQuery>(url_);
    } else {
      dialogue_ = std::make_unique<Login>(url_, name_, peer_, uses_tls());
    }
    const milliseconds limit = std::max(options_.answer_timeout, kMinLogin);
    after(limit, [limit](Impl& self) {
      self.step_failed(self.missing() + " within " + std::to_string(limit.count()) + " ms",
                       Failure::silence);
    });
    find();
  }

  std::string missing() const {
    if (state_ == State::greeting) return "no answer";
    if (!stream_) return "the name was not resolved";
    return stream_->awaits_tls() ? "no answer to TLS" : "no connection";
  }

  void find() {
    if (const auto address = address_of(peer_)) return connect({*address});
    if (peer_.port == 0) {
      return step_failed("is too long for the path of a Unix socket", Failure::lasting);
    }
    resolver_.resolve(
        peer_, [weak = weak_from_this()](std::vector<Address> addresses, const std::string& fault) {
          const auto self = weak.lock();
          if (!self) return;
          if (addresses.empty()) return self->step_failed(fault, Failure::absence);
          self->connect(std::move(addresses));
        });
  }

  void connect(std::vector<Address> addresses) {
    // One that swallows what it is sent must not hide the others for ever.
    const auto first = static_cast<std::ptrdiff_t>(attempts_lost_ % addresses.size());
    std::rotate(addresses.begin(), addresses.begin() + first, addresses.end());
    stream_ = make_stream(loop_, weak_from_this(), uses_tls() ? &tls_ : nullptr, peer_.name);
    stream_->connect(std::move(addresses));
  }

  bool uses_tls() const { return (url_.tls || options_.tls) && peer_.port != 0; }

  void step_failed(const std::string& why, Failure failure) {
    failure_ = std::max(failure_, failure);
    if (!faults_.empty()) faults_ += "; ";
    faults_ += described(why);
    disconnect();
    next_step();
  }

  void step_succeeded() {
    if (step_->is_sentinel) {
      locator_.found_master(static_cast<const MasterQuery&>(*dialogue_).master());
      disconnect();
      return next_step();
    }
    state_ = State::ready;
    timer_.cancel();
    locator_.reached();
    learn_from(static_cast<Login&>(*dialogue_));
    dialogue_.reset();
    handler_->on_ready();
  }

  void learn_from(Login& login) {
    locator_.learn(login.take_nodes());
    if (login.nodes_refusal().empty()) return;
    log(LogLevel::debug, "Redis: only the URL's nodes of the Cluster are known, since " +
                             described(login.nodes_refusal()));
  }

  void lose(bool was_ready, const std::string& why) {
    if (was_ready) locator_.lost();
    attempts_lost_ = was_ready ? 0 : attempts_lost_ + 1;
    state_ = State::waiting;
    disconnect();
    timer_.cancel();
    asio::post(loop_, [weak = weak_from_this(), was_ready, why] {
      const auto self = weak.lock();
      if (!self || self->state_ != State::waiting) return;
      self->pause();
      self->handler_->on_lost(was_ready, why);
    });
  }

  void pause() {
    const auto range = options_.max_reconnect_delay - options_.min_reconnect_delay;
    const auto more = pick(random_, static_cast<std::uint64_t>(range.count()) + 1);
    after(options_.min_reconnect_delay + milliseconds(more),
          [](Impl& self) { self.begin_attempt(); });
  }

  void disconnect() {
    resolver_.cancel();
    if (stream_) stream_->close();
    stream_.reset();
    step_.reset();
    queued_.clear();
  }

  /// Replaces what was to come before.
  template <class Act>
  void after(milliseconds time, Act act) {
    timer_.expires_after(time);
    timer_.async_wait([weak = weak_from_this(), act, set = ++timers_set_](auto error) {
      const auto self = weak.lock();
      // A wait that is over cannot be cancelled any more.
      const bool due = !error && self && set == self->timers_set_;
      if (due && self->state_ != State::ready && self->state_ != State::stopped) act(*self);
    });
  }

  // Bytes

  void flush_posted() {
    flush_posted_ = false;
    flush();
  }

  void flush() {
    if (stream_ && !queued_.empty() && !stream_->writing()) stream_->write(queued_);
  }

  /// Reading goes on when all that came was taken, at most a slice of it in one go.
  void take_replies() {
    const std::shared_ptr<Stream> stream = stream_;  // Alive, so that no other has its address.
    const auto begin = steady_clock::now();
    for (std::size_t taken = 1; const auto reply = reader_->next(); ++taken) {
      take(*reply);
      if (stream_ != stream) return;
      if (taken % kRepliesPerClockRead == 0 && steady_clock::now() - begin > kSlice) {
        return take_more_soon();
      }
    }
    if (reader_->failed()) return on_broken("does not speak Redis' protocol", true);
    stream_->read();
  }

  void take_more_soon() {
    asio::post(loop_, [weak = weak_from_this(), stream = std::weak_ptr(stream_)] {
      const auto self = weak.lock();
      if (self && self->stream_ && self->stream_ == stream.lock()) self->take_replies();
    });
  }

  void take(const Reply& reply) {
    if (!dialogue_) return handler_->on_reply(reply);
    std::string fault;
    switch (dialogue_->take(reply, queued_, fault)) {
      case Dialogue::Verdict::more:
        return flush();
      case Dialogue::Verdict::done:
        return step_succeeded();
      case Dialogue::Verdict::not_yet:
        return step_failed(fault, Failure::absence);
      case Dialogue::Verdict::failed:
        return step_failed(fault, Failure::lasting);
    }
  }

  asio::io_context& loop_;
  const RedisOptions& options_;
  const RedisUrl url_;
  const std::string name_;
  Random& random_;
  Handler* handler_;

  State state_ = State::connecting;
  Locator locator_;
  Resolver resolver_;
  Tls tls_;
  asio::steady_timer timer_;  ///< The limit of a step, or the pause between attempts.
  std::uint64_t timers_set_ = 0;

  Host peer_;
  std::optional<Locator::Step> step_;   ///< Of the attempt, or that led to the link.
  std::unique_ptr<Dialogue> dialogue_;  ///< Null: ready.
  std::shared_ptr<Stream> stream_;
  std::optional<RespReader> reader_;
  std::size_t attempts_lost_ = 0;  ///< Since the link was ready.
  std::string faults_;             ///< Of the steps of this attempt.
  Failure failure_ = Failure::silence;

  std::string queued_;
  bool flush_posted_ = false;
};

Link::Link(asio::io_context& loop, const RedisOptions& options, const RedisUrl& url,
           std::string role, Random& random, Handler& handler)
    : impl_(std::make_shared<Impl>(loop, options, url, std::move(role), random, handler)) {}

Link::~Link() {
  impl_->stop();
}

void Link::start() {
  impl_->start();
}

void Link::send(std::string_view commands) {
  impl_->send(commands);
}

void Link::redial(const std::string& why) {
  impl_->redial(why);
}

void Link::stop() {
  impl_->stop();
}

bool Link::ready() const {
  return impl_->ready();
}

std::size_t Link::unsent() const {
  return impl_->unsent();
}

std::string_view Link::status() const {
  return impl_->status();
}

bool Link::silent() const {
  return impl_->silent();
}

bool Link::may_come_later() const {
  return impl_->may_come_later();
}

void Link::learn(const std::vector<Host>& nodes) {
  impl_->learn(nodes);
}

std::string Link::peer() const {
  return impl_->host().text();
}

const Host& Link::host() const {
  return impl_->host();
}

}  // namespace wscast::redis
