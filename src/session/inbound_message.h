#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/envelope.h"
#include "session/encrypted_channel.h"

namespace wscast::session {

/// Reads a client's message. `check_utf8`: the text may be anything, and is invalid if it is not
/// UTF-8 (protocol.md M12).
protocol::ParsedEnvelope parse_message(std::string_view text, bool check_utf8,
                                       std::size_t max_depth);

/// Returns the id for the error about a message that is dropped unhandled; with a `channel`, that
/// of the message inside an `encrypted` one. `std::nullopt`: it has none, or gets no error.
std::optional<std::string> id_of_dropped(const protocol::Envelope& envelope,
                                         EncryptedChannel* channel, std::size_t max_depth);

}  // namespace wscast::session
