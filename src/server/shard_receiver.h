#pragma once

#include "base/client_id.h"
#include "server/shard_command.h"
#include "ws/frame.h"

namespace wscast::server {

/// One shard's side of the ShardRouter: executes commands. Called on that shard's thread only.
class ShardReceiver {
 public:
  virtual ~ShardReceiver() = default;

  /// Never fails: a message is dropped and counted when there is no memory for it; a client for
  /// which another command cannot be executed is ended.
  virtual void execute(const ShardCommand& command) noexcept = 0;

  /// Sends to a client of this shard and returns at once what became of it: protocol.md T12.
  virtual int send_to_client(const ClientId& client, const ws::FrameRef& frame) noexcept = 0;

  /// A command that this shard's thread routed was refused, since another shard's queue is full.
  virtual void on_overload() noexcept = 0;
};

}  // namespace wscast::server
