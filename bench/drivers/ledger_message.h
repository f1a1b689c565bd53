#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "message_ledger.h"

namespace wscast::bench {

/// Members of the JSON of a publish: event, and data by which a receiver tells the ledger.
std::string ledger_members(std::size_t publisher, std::uint64_t number, std::string_view filling);

/// What a receiver got.
enum class Noted : std::uint8_t { message, notice, other };

/// Tells the ledger of a message that ledger_members() made, or of a `dropped`. Throws LoadFailure
/// for a message that is not as it was sent.
Noted note(MessageLedger& ledger, std::size_t receiver, std::string_view message);

/// The client's message that publishes one, with its number as the id.
std::string publish_text(std::string_view room, std::size_t publisher, std::uint64_t number,
                         std::string_view filling);

/// The reply to publish_text().
struct PublishAck {
  std::uint64_t number;
  MessageLedger::Result result;
};

/// std::nullopt: `message` is something else.
std::optional<PublishAck> read_ack(std::string_view message);

}  // namespace wscast::bench
