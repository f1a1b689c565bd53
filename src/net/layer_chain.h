#pragma once

#include <memory>

#include "net/stream_layer.h"

namespace wscast::net {

/// Two layers as one: `lower` is next to the socket, `upper` above it, such as TLS above a PROXY
/// header. Either may be null; both null make null.
std::shared_ptr<const StreamLayer> chain(std::shared_ptr<const StreamLayer> lower,
                                         std::shared_ptr<const StreamLayer> upper);

}  // namespace wscast::net
