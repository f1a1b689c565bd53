#include "hub/history_message.h"

#include <algorithm>

namespace wscast::hub {

ws::SharedFrame HistoryMessage::encoded(Form& form, std::string_view end) const {
  std::call_once(form.once, [&] {
    ws::SharedFrameBuilder builder(ws::Opcode::text, parts_.head.size() + end.size());
    const auto behind = std::ranges::copy(parts_.head, builder.payload().begin()).out;
    std::ranges::copy(end, behind);
    form.frame = std::move(builder).finish();
  });
  return form.frame;
}

}  // namespace wscast::hub
