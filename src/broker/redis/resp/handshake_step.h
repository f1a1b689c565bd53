#pragma once

#include <cstdint>
#include <string>

#include "broker/redis/resp/resp_value.h"

namespace wscast::redis {

/// The commands that are sent on a new connection before it is usable, and what their replies mean.
/// No I/O.
class HandshakeStep {
 public:
  enum class Result : std::uint8_t {
    more,  ///< Another reply is expected.
    done,
    failed,
    not_yet,  ///< Failed for a reason that ends by itself: Redis is loading, or no master yet.
  };

  virtual ~HandshakeStep() = default;

  /// The commands to begin with.
  virtual std::string opening() = 0;

  /// Handles the next reply. Commands appended to `more` are to be sent. On failure `fault` has the
  /// reason, in Redis' own words where there are some.
  virtual Result on_reply(const RespValue& reply, std::string& more, std::string& fault) = 0;
};

}  // namespace wscast::redis
