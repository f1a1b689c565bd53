#include "session/inbound_message.h"

#include "wscast/constants.h"

#include "protocol/utf8.h"

namespace wscast::session {

protocol::ParsedEnvelope parse_message(std::string_view text, bool check_utf8,
                                       std::size_t max_depth) {
  if (check_utf8 && !protocol::is_utf8(text)) return {protocol::EnvelopeStatus::invalid, {}};
  return protocol::parse_envelope(text, max_depth);
}

std::optional<std::string> id_of_dropped(const protocol::Envelope& envelope,
                                         EncryptedChannel* channel, std::size_t max_depth) {
  if (envelope.event == events::heartbeat) return std::nullopt;
  if (channel != nullptr && envelope.event == events::encrypted && envelope.data) {
    const std::string text = channel->peek(*envelope.data).value_or(std::string());
    const auto inside = parse_message(text, true, max_depth);
    const bool heartbeat = inside.envelope.event == events::heartbeat;
    if (inside.status == protocol::EnvelopeStatus::ok && inside.envelope.id && !heartbeat) {
      return std::string(*inside.envelope.id);
    }
  }
  return envelope.id ? std::optional<std::string>(*envelope.id) : std::nullopt;
}

}  // namespace wscast::session
