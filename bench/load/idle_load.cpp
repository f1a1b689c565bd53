#include <array>
#include <cstdio>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include "client/swarm.h"
#include "encrypted_clients.h"
#include "load.h"
#include "session.h"
#include "watchdog.h"

namespace wscast::bench {
namespace {

/// Opens connections, prints `ready`, and with --hold keeps them, silent, until stdin ends. Then
/// each authenticated client has the server say that it still knows it.
class IdleLoad final : public client::Swarm::Handler {
 public:
  explicit IdleLoad(const Arguments& arguments)
      : arguments_(arguments),
        swarm_({.url = arguments.url, .connections = arguments.clients}, *this) {
    if (arguments.encrypted) encrypted_.emplace(arguments.clients);
  }

  void run() {
    while (ready_ < arguments_.clients) turn();
    std::puts("ready");
    std::fflush(stdout);
    while (arguments_.hold && !stdin_ended()) swarm_.run_once(std::chrono::milliseconds(100));
    if (arguments_.hold && arguments_.authenticate) ask_all();
  }

  void on_open(std::size_t index) override {
    if (encrypted_) {
      swarm_.send_text(index, encrypted_->authenticate_text(index));
    } else if (arguments_.authenticate) {
      swarm_.send_text(index, authenticate_text(index));
    } else {
      ++ready_;
    }
  }

  void on_message(std::size_t index, std::string_view message) override {
    if (is_connected_text(message)) {
      if (encrypted_) encrypted_->agree(index, message);
      ++ready_;
      return;
    }
    if (encrypted_) message = encrypted_->open(index, message);
    if (is_already_authenticated_text(message)) ++answered_;
  }

  void on_closed(std::size_t, std::string_view cause) override {
    throw LoadFailure("a connection closed: " + std::string(cause));
  }

 private:
  void ask_all() {
    for (std::size_t i = 0; i < arguments_.clients; ++i) {
      swarm_.send_text(i, authenticate_text(i));
    }
    watchdog_ = {};
    while (answered_ < arguments_.clients) turn();
  }

  void turn() {
    swarm_.run_once(std::chrono::milliseconds(100));
    watchdog_.look(ready_ + answered_);
  }

  static bool stdin_ended() {
    pollfd entry{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    std::array<char, 256> bytes;
    return ::poll(&entry, 1, 0) > 0 && ::read(STDIN_FILENO, bytes.data(), bytes.size()) <= 0;
  }

  const Arguments& arguments_;
  client::Swarm swarm_;
  std::optional<EncryptedClients> encrypted_;
  Watchdog watchdog_;
  std::size_t ready_ = 0;
  std::size_t answered_ = 0;
};

}  // namespace

void run_idle(const Arguments& arguments) {
  IdleLoad(arguments).run();
}

}  // namespace wscast::bench
