#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "client/single_client.h"
#include "exit_code.h"
#include "http_client/backoff.h"
#include "interrupt.h"
#include "listen/listen_command.h"
#include "listen/listen_dialogue.h"

namespace wscast::program {

/// A client that connects, and connects again when the connection is lost, and prints what it gets.
/// What it has to say beside that goes to standard error. One thread.
class Listener final : public client::Connection::Handler {
 public:
  /// `arguments` must outlive it. Throws when they cannot be used.
  explicit Listener(const ListenArguments& arguments);

  /// Returns the exit code.
  int run();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  void on_open() override;
  void on_message(std::string_view message) override;

  void attempt();
  void pause(std::chrono::milliseconds longest);
  void on_time(SteadyTime now);
  void on_ready();
  void on_end();
  void print(std::string_view message);
  void finish(ExitCode code);
  void say(const std::string& what) const;
  bool is_refused() const;
  std::chrono::milliseconds time_left(SteadyTime now) const;

  const ListenArguments& arguments_;
  ListenDialogue dialogue_;
  client::SingleClient client_;
  Interrupt interrupt_;
  Backoff backoff_;
  std::string token_;
  std::optional<ExitCode> result_;
  std::size_t printed_ = 0;
  bool was_ready_ = false;  ///< Once.
  bool ready_ = false;      ///< On this connection.
  SteadyTime answer_due_;   ///< While not ready_.
  SteadyTime heartbeat_due_;
  SteadyTime sign_of_life_;  ///< Of the server.
  SteadyTime message_came_;  ///< The last one, or the beginning.
};

}  // namespace wscast::program
