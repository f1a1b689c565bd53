#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/load_clients.h"
#include "client/socket.h"

namespace wscast::program {

/// Sends the messages of a room. One thread.
class RoomPublisher {
 public:
  virtual ~RoomPublisher() = default;

  /// Queues `text`, which has that number.
  virtual void publish(std::uint64_t number, std::string_view text) = 0;

  /// Sends what is queued.
  virtual void flush() = 0;
};

/// The first clients of the load, in turn.
class ClientPublisher final : public RoomPublisher {
 public:
  ClientPublisher(LoadClients& clients, const BenchArguments& arguments)
      : clients_(clients), arguments_(arguments) {}

  void publish(std::uint64_t number, std::string_view text) override;
  void flush() override {}

 private:
  LoadClients& clients_;
  const BenchArguments& arguments_;
  std::string message_;
  std::size_t text_ = 0;  ///< Where it begins in the message.
};

/// An emitter (protocol.md section 3), which does not read what Redis replies.
class RedisPublisher final : public RoomPublisher {
 public:
  /// To the room, or to a client if its id is not empty. Throws BenchFailure when Redis cannot be
  /// reached, std::invalid_argument for a URL of another kind of Redis.
  RedisPublisher(const std::string& url, std::string_view room, std::string_view client_id);

  void publish(std::uint64_t number, std::string_view text) override;
  void flush() override;

 private:
  void discard_replies();

  std::string room_;
  std::string client_id_;
  std::string channel_;
  client::Socket socket_;
  std::string out_;
};

}  // namespace wscast::program
