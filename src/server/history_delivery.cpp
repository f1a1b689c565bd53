#include "server/history_delivery.h"

#include <utility>
#include <vector>

namespace wscast::server {

void HistoryDelivery::deliver(const hub::SharedHistoryMessage& message) {
  FanOut fan_out{.to = FanOut::To::room,
                 .target = message->room(),
                 .origin = {.taken = ws::time_taken(clock_)},
                 .history = message};
  if (tracer_.active()) {
    tracer_.take(fan_out, TraceStep::received, message->event(), message->bytes(),
                 message->trace());
  }
  const auto trace = fan_out.origin.trace;
  const auto shards = directory_.shards_of_room(message->room());
  // Made before the first is sent: nobody is to get it twice because others did not get it.
  std::vector<ShardCommand> commands(shards.size(), ShardCommand(std::move(fan_out)));
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (router_.route(shards[i], std::move(commands[i]))) continue;
    router_.route(shards[i], HistoryGapNotice{.room = message->room(),
                                              .from = message->offset(),
                                              .to = message->offset(),
                                              .reason = protocol::LossReason::limit,
                                              .position = message->position()});
    if (trace) trace->on_dropped({}, kInboxFull);
  }
}

void HistoryDelivery::tell(const protocol::Gap& gap) {
  router_.route(directory_.shards_of_room(gap.room), HistoryGapNotice{.room = std::string(gap.room),
                                                                      .from = gap.from,
                                                                      .to = gap.to,
                                                                      .reason = gap.reason,
                                                                      .position = *gap.position});
}

void HistoryDelivery::answer(std::size_t shard, const ClientId& client,
                             session::HistoryAnswer answer) {
  router_.route(shard, HistoryAnswered{client, std::move(answer)});
}

bool HistoryDelivery::has_members(const std::string& room) {
  return !directory_.shards_of_room(room).empty();
}

}  // namespace wscast::server
