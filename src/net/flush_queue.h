#pragma once

#include <cstddef>
#include <vector>

namespace wscast::net {

class Connection;

/// Connections that have something to write, first come, first served, each at most once. The shard
/// keeps room for an entry of each slot, so that adding never fails. Shard thread only.
class FlushQueue {
 public:
  void reserve(std::size_t size) { connections_.reserve(size); }

  bool empty() const { return size() == 0; }
  std::size_t size() const { return connections_.size() - taken_; }

  void push(Connection& connection) noexcept {
    if (connections_.size() == connections_.capacity()) forget_taken();
    connections_.push_back(&connection);
  }

  Connection& next() const { return *connections_[taken_]; }

  /// The one behind next(), if there is one, or null.
  Connection* second() const { return size() > 1 ? connections_[taken_ + 1] : nullptr; }

  /// next() is taken.
  void advance() { ++taken_; }

  /// Moves what is left to the front; advance() does not.
  void forget_taken() noexcept {
    connections_.erase(connections_.begin(),
                       connections_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }

 private:
  std::vector<Connection*> connections_;
  std::size_t taken_ = 0;
};

}  // namespace wscast::net
