#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/client.h"

#include "exit_code.h"
#include "interrupt.h"
#include "listen/done_signal.h"
#include "listen/listen_command.h"

namespace wscast::program {

/// A client that prints what it gets. What it has to say beside that goes to standard error. run()
/// waits, while all else happens on the client's thread.
class Listener {
 public:
  /// `arguments` must outlive it. Throws when they cannot be used.
  explicit Listener(const ListenArguments& arguments);

  /// Returns the exit code. Call it once.
  int run();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  ClientOptions options();
  void wait();
  bool is_over();
  std::chrono::milliseconds time_left();

  // With the lock.
  void on_state(const ClientStateChange& change);
  void on_connected();
  void on_joined(const std::string& room, const ClientError& error);
  void on_ready();
  void on_lost(const ClientError& error, std::chrono::milliseconds delay);
  void on_refused(const ClientError& error);
  void on_gap(const ClientGap& gap);
  void print(std::string_view message);
  void finish(ExitCode code);
  void say(const std::string& what) const;

  const ListenArguments& arguments_;
  Interrupt interrupt_;
  DoneSignal done_;

  std::mutex mutex_;
  std::optional<ExitCode> result_;  ///< Once it is there, nothing is said any more.
  std::size_t printed_ = 0;
  std::size_t connections_ = 0;
  std::size_t rooms_left_ = 0;  ///< Whose joins have no result, on this connection.
  std::string refused_;         ///< Rooms, and why.
  bool was_ready_ = false;      ///< Once.
  bool connected_ = false;
  SteadyTime message_came_;  ///< The last one, or the beginning.

  std::optional<Client> client_;  ///< Last: its thread uses the rest.
};

}  // namespace wscast::program
