#include "session/disconnect_reason.h"

#include "protocol/utf8.h"
#include "ws/frame_header.h"

namespace wscast::session {

bool may_close_with(std::uint16_t code, std::string_view reason) {
  return ws::may_be_sent(code) && reason.size() <= ws::kMaxControlPayload - 2 &&
         protocol::is_utf8(reason);
}

}  // namespace wscast::session
