#pragma once

#include <cstdint>
#include <string>

#include "broker/redis/resp_reader.h"

namespace wscast::redis {

/// What is said on a new connection before it is of use. No I/O.
class Dialogue {
 public:
  enum class Verdict : std::uint8_t {
    more,
    done,
    failed,
    not_yet,  ///< Failed, by what ends by itself: Redis is loading, or no master yet.
  };

  virtual ~Dialogue() = default;

  /// The commands that begin it.
  virtual std::string opening() = 0;

  /// Judges the next reply. Commands put into `more` are to be sent. `fault` says why it failed, in
  /// Redis' own words where there are some.
  virtual Verdict take(const Reply& reply, std::string& more, std::string& fault) = 0;
};

}  // namespace wscast::redis
