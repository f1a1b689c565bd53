#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "client/socket.h"

namespace wscast::bench {

/// Publishes by the HTTP API (docs/api.md) on one connection, without waiting for a response before
/// the next request. One thread.
class ApiPublisher {
 public:
  /// Of the request with that tag. Not called for those that the end of the connection left.
  using OnResponse = std::function<void(std::size_t tag, int status, std::string_view body)>;

  /// Throws LoadFailure if it cannot connect.
  ApiPublisher(const client::Endpoint& endpoint, std::string key, OnResponse on_response);

  /// False once the server has ended the connection; it stays so.
  bool open() const { return static_cast<bool>(socket_); }

  void publish(std::string_view body, std::size_t tag);

  /// Sends and reads what is possible without waiting.
  void turn();

 private:
  void send();
  void receive();
  bool take_response();

  client::Socket socket_;
  const std::string head_;
  const OnResponse on_response_;
  std::string out_;
  std::string in_;
  std::deque<std::size_t> tags_;  ///< Of requests without a response.
};

}  // namespace wscast::bench
