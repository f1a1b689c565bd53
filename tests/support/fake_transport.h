#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/external_server.h"

namespace wscast {

/// The connection of an external WebSocket server: keeps what is sent, binary messages behind `b:`
/// and a close as `close CODE REASON`. Any thread.
class FakeExternalTransport final : public ExternalTransport {
 public:
  int send(std::string_view payload, bool binary) override {
    const std::lock_guard lock(mutex_);
    if (result_ == 0) return 0;
    sent_.push_back((binary ? "b:" : "") + std::string(payload));
    return result_ > 0 ? static_cast<int>(payload.size()) : result_;
  }
  void close(std::uint16_t code, std::string_view reason) override {
    const std::lock_guard lock(mutex_);
    state_ = ReadyState::closing;
    sent_.push_back("close " + std::to_string(code) + " " + std::string(reason));
  }
  std::string remote_address() const override { return "192.0.2.7"; }
  ReadyState ready_state() const override {
    const std::lock_guard lock(mutex_);
    return state_;
  }
  void pause_reading() override { set_reading(false); }
  void resume_reading() override { set_reading(true); }

  /// What send() answers: 1 stands for the payload's size.
  void answer(int result) {
    const std::lock_guard lock(mutex_);
    result_ = result;
  }
  std::vector<std::string> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  bool reading() const {
    const std::lock_guard lock(mutex_);
    return reading_;
  }

 private:
  void set_reading(bool reading) {
    const std::lock_guard lock(mutex_);
    reading_ = reading;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> sent_;
  int result_ = 1;
  bool reading_ = true;
  ReadyState state_ = ReadyState::open;
};

}  // namespace wscast
