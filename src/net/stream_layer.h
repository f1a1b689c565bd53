#pragma once

#include <memory>

#include "base/counters.h"
#include "net/stream.h"

namespace wscast::net {

/// What a listener puts between the socket of each connection and its HTTP request, such as TLS.
/// Made on any thread, then used on the shards' threads alone.
class StreamLayer {
 public:
  virtual ~StreamLayer() = default;

  /// Returns the stream that the connection reads and writes. `below` outlives it. Runs on the
  /// thread of the shard that `counters` belong to.
  virtual std::unique_ptr<Stream> wrap(Stream& below, Counters& counters) const = 0;
};

}  // namespace wscast::net
