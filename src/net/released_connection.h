#pragma once

#include <memory>
#include <string>
#include <utility>

#include "net/stream.h"

namespace wscast::net {

/// A connection that has left its shard with a request; see HandedOverConnection. Any thread, one
/// at a time; must not outlive the shard.
class ReleasedConnection {
 public:
  explicit ReleasedConnection(std::string received) : received_(std::move(received)) {}
  ReleasedConnection(const ReleasedConnection&) = delete;
  ReleasedConnection& operator=(const ReleasedConnection&) = delete;

  /// Closes the connection, unless it went back.
  virtual ~ReleasedConnection() = default;

  virtual Stream& stream() = 0;
  virtual int descriptor() const = 0;

  /// What was read of the connection since its last request ended. Only once.
  std::string take_received() { return std::exchange(received_, {}); }

  /// Counts that the application has refused it. Thread of its shard.
  virtual void note_refused() noexcept = 0;

  /// Sends it back to its shard, which reads on behind `received`. The last call.
  virtual void go_back(std::string received) = 0;

 private:
  std::string received_;
};

}  // namespace wscast::net
