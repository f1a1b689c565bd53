#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "net/shard.h"
#include "net/socket_stream.h"

namespace wscast::net {

/// A connection and its socket, adjacent in memory since each write touches both.
struct Shard::Client {
  Client(Arrival arrival, ConnectionContext& context, std::uint32_t slot)
      : socket(std::move(arrival.socket), std::move(arrival.admission)),
        layered(arrival.layer ? arrival.layer->wrap(socket, context.counters) : nullptr) {
    connection.emplace(context, stream(), slot, arrival.refused);
  }

  Stream& stream() { return layered ? *layered : socket; }

  SocketStream socket;
  std::unique_ptr<Stream> layered;       ///< Null for a plain connection.
  std::optional<Connection> connection;  ///< None while it is handed over.
};

}  // namespace wscast::net
