#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "faults/bystanders.h"
#include "faults/victim.h"
#include "integration/server_fixture.h"

namespace wscast::faults {

/// What stands between a client and the server: how the server listens, and how clients connect.
struct Door {
  std::string name;
  bool tls = false;
  bool encrypted = false;  ///< The victims are, not the bystanders.
  bool external = false;   ///< An external WebSocket server holds the victims' connections.

  /// For the name of a test.
  friend void PrintTo(const Door& door, std::ostream* out) { *out << door.name; }
};

/// TCP as it is.
Door plain_door();

/// TLS with a self-signed certificate. Clients ask for a name, and resume nothing.
Door tls_door();

/// TCP, and the ready-made encryption.
Door encrypted_door();

/// No connection of the server's.
Door external_door();

/// A server, two bystanders, and one victim after the other. The bystanders are on the first shard,
/// the victims on the last.
class World {
 public:
  World(std::size_t shards, const Door& door);

  Server& server() { return fixture_.server(); }
  std::uint64_t count(Counter counter) const { return fixture_.count(counter); }

  /// Runs `task` on the thread of a shard, and waits for it.
  void on_shard(std::size_t shard, const std::function<void()>& task);

  /// The bystanders exchange messages while the victim lives; no allocation fails meanwhile, since
  /// on a shard of theirs it might be one for them.
  Stage run_victim(const std::function<bool()>& struck);

  /// Nothing of the victim is left, the bystanders are still served, and all counts agree.
  void expect_no_trace();

 private:
  static constexpr std::size_t kBystanders = 2;

  const Door door_;
  std::atomic<std::uint64_t> disconnected_ = 0;
  std::uint64_t external_ = 0;  ///< Victims without an upgrade.
  ServerFixture fixture_;
  std::optional<client::TlsClient> tls_;  ///< Empty: plain TCP.
  std::optional<Bystanders> bystanders_;
};

}  // namespace wscast::faults
