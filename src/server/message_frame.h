#pragma once

#include <utility>

#include "protocol/envelope.h"
#include "ws/frame.h"

namespace wscast::server {

/// The frame of a message to clients, for all shards (protocol.md D15).
inline ws::SharedFrame message_frame(const protocol::Content& content) {
  ws::SharedFrameBuilder builder(ws::Opcode::text, protocol::envelope_size(content));
  protocol::write_envelope(builder.payload().data(), content);
  return std::move(builder).finish();
}

}  // namespace wscast::server
