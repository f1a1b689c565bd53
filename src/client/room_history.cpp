#include "client/room_history.h"

#include "wscast/json_fields.h"

#include "client/server_message.h"

namespace wscast::client {

SeenPosition read_position(Json position) {
  return {.offset = number_member(position, "offset"), .epoch = text_member(position, "epoch")};
}

RoomEntry read_entry(Json entry) {
  const auto fields = JsonFields::of(entry);
  return {.position = read_position(entry),
          .recovered = fields && fields->boolean("recovered").value_or(false),
          .reason = text_member(entry, "reason")};
}

std::optional<ClientGap> enter_room(std::string_view room, std::optional<SeenPosition>& seen,
                                    const std::optional<RoomEntry>& entry) {
  if (seen && entry && entry->recovered) return std::nullopt;
  const std::optional<SeenPosition> last = seen;
  seen = entry ? std::optional(entry->position) : std::nullopt;
  if (!last) return std::nullopt;
  const bool same = seen && !seen->epoch.empty() && seen->epoch == last->epoch;
  const auto to = same ? seen->offset : std::nullopt;
  if (to && to == last->offset) return std::nullopt;
  return ClientGap{
      .room = std::string(room),
      .from = last->offset ? std::optional(*last->offset + 1) : std::nullopt,
      .to = to,
      .reason = entry && !entry->reason.empty() ? entry->reason : std::string("unavailable")};
}

void count_own(std::optional<SeenPosition>& seen, const Position& own) {
  if (!seen || seen->epoch != own.epoch || !seen->offset) return;
  if (*seen->offset + 1 == own.offset) seen->offset = own.offset;
}

}  // namespace wscast::client
