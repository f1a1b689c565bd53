#pragma once

#include <string_view>

#include "ws/close_code.h"

namespace wscast::ws {

/// Why a connection must be failed (RFC 6455 section 7.1.7): the content of the close frame.
/// `reason` is a literal.
struct Failure {
  CloseCode code = CloseCode::protocol_error;
  std::string_view reason;
};

}  // namespace wscast::ws
