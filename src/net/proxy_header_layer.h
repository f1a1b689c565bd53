#pragma once

#include <memory>

#include "base/counters.h"
#include "net/stream_layer.h"

namespace wscast::net {

/// Reads the PROXY header that a connection must begin with, and gives what it says to the socket's
/// ProxiedClient. A connection that begins with anything else, and one that is not done with it in
/// time, is closed without a response. Belongs right above the socket.
class ProxyHeaderLayer final : public StreamLayer {
 public:
  std::unique_ptr<Stream> wrap(Stream& below, Counters& counters) const override;
};

}  // namespace wscast::net
