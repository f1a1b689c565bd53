#include "connection_world.h"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "broker/redis/resp/command.h"

namespace wscast::redis {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience(20);

std::string text_of(const RespValue& reply) {
  switch (reply.kind) {
    case RespValue::Kind::integer:
      return std::to_string(reply.integer);
    case RespValue::Kind::array: {
      std::string text;
      for (const RespValue& element : reply.elements) text += text_of(element) + ' ';
      return text;
    }
    default:
      return std::string(reply.text);
  }
}

}  // namespace

std::string command(std::initializer_list<std::string_view> words) {
  std::string text;
  append_command(text, std::span(words.begin(), words.size()));
  return text;
}

void ConnectionWorld::start() {
  std::string fault;
  const auto url = parse_redis_url(options_.url, fault);
  ASSERT_TRUE(url) << fault;
  connection_.emplace(loop_, options_, *url, "sub", system_random(), *this);
  connection_->start();
  EXPECT_EQ(calls_, 0);  // Nothing is reported inside a call.
}

bool ConnectionWorld::run_until(const std::function<bool()>& holds) {
  const auto give_up = steady_clock::now() + kPatience;
  while (!holds() && steady_clock::now() < give_up) {
    loop_.restart();
    loop_.run_one_until(give_up);
  }
  return holds();
}

bool ConnectionWorld::await_ready() {
  const int seen = readies_;
  return run_until([&] { return readies_ > seen; });
}

bool ConnectionWorld::await_lost() {
  const std::size_t seen = losses_.size();
  return run_until([&] { return losses_.size() > seen; });
}

std::string ConnectionWorld::ask(std::initializer_list<std::string_view> words) {
  const std::size_t seen = replies_.size();
  connection_->send(command(words));
  return run_until([&] { return replies_.size() > seen; }) ? replies_.back() : "no reply";
}

void ConnectionWorld::run_for(std::chrono::milliseconds time) {
  loop_.restart();
  loop_.run_for(time);
}

void ConnectionWorld::on_ready() {
  ++calls_;
  ++readies_;
  EXPECT_TRUE(connection_->ready());
  EXPECT_EQ(connection_->status(), "ready");
  if (when_ready) when_ready();
}

void ConnectionWorld::on_reply(const RespValue& reply) {
  ++calls_;
  replies_.push_back(text_of(reply));
  if (when_reply) when_reply();
}

void ConnectionWorld::on_lost(bool was_ready, const std::string& why) {
  ++calls_;
  EXPECT_FALSE(connection_->ready());
  EXPECT_EQ(connection_->status(), "reconnecting");
  losses_.push_back((was_ready ? "lost " : "refused ") + why);
  if (when_lost) when_lost();
}

ScriptedRedis::ScriptedRedis(boost::asio::io_context& loop, OnConnection on_connection)
    : on_connection_(std::move(on_connection)),
      acceptor_(loop, {boost::asio::ip::address_v4::loopback(), 0}) {
  accept();
}

ScriptedRedis::ScriptedRedis(boost::asio::io_context& loop, std::string answer, std::size_t bytes)
    : ScriptedRedis(loop, [this, answer = std::move(answer), bytes](const auto& socket) {
        read(socket, answer, bytes);
      }) {}

std::string ScriptedRedis::address() const {
  return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

void ScriptedRedis::accept() {
  acceptor_.async_accept([this](auto error, Socket socket) {
    if (error) return;
    ++connections_;
    on_connection_(std::make_shared<Socket>(std::move(socket)));
    accept();
  });
}

void ScriptedRedis::read(const std::shared_ptr<Socket>& socket, const std::string& answer,
                         std::size_t bytes) {
  auto buffer = std::make_shared<std::string>(1 << 20, char{});
  socket->async_read_some(boost::asio::buffer(*buffer), [=, this](auto error, std::size_t size) {
    if (error) return;
    requests_.push_back(buffer->substr(0, size));
    write(socket, answer, bytes, 0);
  });
}

void ScriptedRedis::write(const std::shared_ptr<Socket>& socket, const std::string& answer,
                          std::size_t bytes, std::size_t at) {
  if (at >= answer.size()) return read(socket, answer, bytes);
  auto part = std::make_shared<std::string>(answer.substr(at, bytes));
  boost::asio::async_write(*socket, boost::asio::buffer(*part), [=, this](auto error, std::size_t) {
    static_cast<void>(part);
    if (!error) write(socket, answer, bytes, at + bytes);
  });
}

}  // namespace wscast::redis
