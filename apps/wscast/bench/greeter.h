#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "bench/bench_arguments.h"
#include "bench/dialect.h"
#include "bench/encrypted_clients.h"
#include "client/swarm.h"

namespace wscast::program {

/// Returns what client `index` authenticates with. Without a token each has a name of its own.
Credentials credentials_of(const BenchArguments& arguments, std::size_t index);

/// Takes each connection of a swarm from its open WebSocket to a client that is connected: it
/// authenticates, and agrees on keys with the server if its messages are encrypted. One thread.
class Greeter {
 public:
  /// Both outlive it.
  Greeter(const BenchArguments& arguments, client::Swarm& swarm);

  const Dialect& dialect() const { return *dialect_; }

  /// The WebSocket of a client is open: returns whether that is all, and the client is connected.
  /// Throws BenchFailure: the server does not compress, as was asked for.
  bool on_open(std::size_t index);

  /// A message to a client that is not connected: returns whether it is now. Throws BenchFailure:
  /// the server refuses it, or does not encrypt.
  bool on_message(std::size_t index, std::string_view message);

  /// What a message to a client that is connected says, valid until the next call.
  std::string_view open(std::size_t index, std::string_view message) {
    return encrypted_ ? encrypted_->open(index, message) : message;
  }

 private:
  const BenchArguments& arguments_;
  client::Swarm& swarm_;
  const std::unique_ptr<Dialect> dialect_;
  std::optional<EncryptedClients> encrypted_;
};

}  // namespace wscast::program
