#pragma once

#include <string>
#include <string_view>

#include "wscast/client_socket.h"

namespace wscast {

/// A ClientSocket that is only there.
class SilentSocket final : public ClientSocket {
 public:
  using ClientSocket::send;
  int send(std::string_view, bool, bool) override { return 0; }
  void close(std::uint16_t, std::string_view) override {}
  std::string remote_address() const override { return {}; }
  ReadyState ready_state() const override { return ReadyState::open; }
  void subscribe(std::string_view) override {}
  void unsubscribe(std::string_view) override {}
  bool is_subscribed(std::string_view) const override { return false; }
  void publish(std::string_view, std::string_view) override {}
};

}  // namespace wscast
