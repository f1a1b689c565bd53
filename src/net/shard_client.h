#pragma once

#include <memory>
#include <utility>

#include "net/shard.h"
#include "net/socket_stream.h"

namespace wscast::net {

/// A connection and its socket, adjacent in memory since each write touches both.
struct Shard::Client {
  Client(Arrival arrival, ConnectionContext& context, std::uint32_t slot)
      : socket(std::move(arrival.socket), std::move(arrival.admission)),
        layered(arrival.layer ? arrival.layer->wrap(socket, context.counters) : nullptr) {
    connect(context, slot, arrival.refused);
  }
  ~Client() { disconnect(); }

  /// There is none while it is handed over.
  Connection& connection() { return connection_; }

  void connect(ConnectionContext& context, std::uint32_t slot, bool refused) {
    std::construct_at(&connection_, context, stream(), slot, refused);
    connected_ = true;
  }
  void disconnect() noexcept {
    if (std::exchange(connected_, false)) std::destroy_at(&connection_);
  }

  Stream& stream() { return layered ? *layered : socket; }

  [[no_unique_address]] SocketStream socket;

 private:
  bool connected_ = false;  ///< In the room at the end of `socket`; an std::optional takes 8 bytes.

 public:
  std::unique_ptr<Stream> layered;  ///< Null for a plain connection.

 private:
  union {
    Connection connection_;  // NOLINT(readability-identifier-naming): a private member.
  };
};

}  // namespace wscast::net
