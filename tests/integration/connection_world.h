#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "broker/redis/connection/connection.h"
#include "support/redis_process.h"

namespace wscast::redis {

std::string command(std::initializer_list<std::string_view> words);

/// A Connection on a loop in the test's thread, and what it reported. Waits end after 20 s.
class ConnectionWorld : public Connection::Handler {
 public:
  explicit ConnectionWorld(const std::string& url) { options_.url = url; }
  ~ConnectionWorld() override { connection_.reset(); }

  boost::asio::io_context& loop() { return loop_; }
  RedisOptions& options() { return options_; }
  Connection& connection() { return *connection_; }

  void start();

  /// Runs the loop until `holds`; false when that takes too long.
  bool run_until(const std::function<bool()>& holds);

  bool await_ready();  ///< Once more.
  bool await_lost();   ///< Once more.

  /// Sends a command and waits for a reply.
  std::string ask(std::initializer_list<std::string_view> words);

  void run_for(std::chrono::milliseconds time);

  int calls() const { return calls_; }
  int readies() const { return readies_; }

  /// Texts; of an array those of its elements, each with a space behind it.
  const std::vector<std::string>& replies() const { return replies_; }

  /// `lost ` or `refused ` (that was never ready), and why.
  const std::vector<std::string>& losses() const { return losses_; }

  std::function<void()> when_ready{};
  std::function<void()> when_reply{};
  std::function<void()> when_lost{};

 private:
  void on_ready() override;
  void on_reply(const RespValue& reply) override;
  void on_lost(bool was_ready, const std::string& why) override;

  boost::asio::io_context loop_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  RedisOptions options_;
  std::optional<Connection> connection_;
  int calls_ = 0;
  int readies_ = 0;
  std::vector<std::string> replies_;
  std::vector<std::string> losses_;
};

/// A server on the connection's loop that replies as the test says, whatever it receives.
class ScriptedRedis {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using OnConnection = std::function<void(std::shared_ptr<Socket>)>;

  ScriptedRedis(boost::asio::io_context& loop, OnConnection on_connection);

  /// Replies to each thing that it reads with `answer`, written by `bytes` at a time.
  ScriptedRedis(boost::asio::io_context& loop, std::string answer, std::size_t bytes = 1 << 20);

  std::string address() const;
  const std::vector<std::string>& requests() const { return requests_; }
  std::size_t connections() const { return connections_; }

 private:
  void accept();
  void read(const std::shared_ptr<Socket>& socket, const std::string& answer, std::size_t bytes);
  void write(const std::shared_ptr<Socket>& socket, const std::string& answer, std::size_t bytes,
             std::size_t at);

  OnConnection on_connection_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::vector<std::string> requests_;
  std::size_t connections_ = 0;
};

}  // namespace wscast::redis
