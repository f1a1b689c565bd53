#include "server/topics.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wscast::server {

void Topics::publish(const session::Session& session, std::string_view topic,
                     std::string_view text) {
  ws::SharedFrameBuilder builder(ws::Opcode::text, text.size());
  std::ranges::copy(text, builder.payload().begin());
  FanOut fan_out{
      .to = FanOut::To::topic, .target = std::string(topic), .frame = std::move(builder).finish()};
  if (clock_ != nullptr) fan_out.origin.taken = clock_->now();
  if (!publish_to_self_) {
    fan_out.exclude = std::make_shared<std::vector<ClientId>>(1, session.id);
  }
  router_.route(router_.all_shards(), ShardCommand(std::move(fan_out)));
}

hub::Delivered Topics::deliver(std::string_view topic, const ws::FrameRef& frame,
                               hub::Exclude exclude) {
  hub::Delivered delivered;
  const hub::Group* subscribers = hub_.subscribers(topic);
  if (subscribers == nullptr) return delivered;
  for (hub::Member* member : subscribers->members()) {
    if (hub::is_excluded(exclude, member->id)) continue;
    const bool accepted = static_cast<session::Session*>(member)->send_raw(frame) != 0;
    ++(accepted ? delivered.accepted : delivered.dropped);
  }
  return delivered;
}

}  // namespace wscast::server
