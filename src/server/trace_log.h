#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "wscast/trace.h"

#include "base/clock.h"

namespace wscast::server {

/// What one trace has noted so far. Any thread.
class TraceLog {
 public:
  static constexpr std::size_t kMaxEvents = 2'000;

  TraceLog(const StartTrace& start, SteadyTime now)
      : id(start.id),
        kind(start.kind),
        target(start.target),
        max_messages(start.messages),
        ends(now + start.duration) {}

  /// Whether it follows further messages.
  bool open(SteadyTime now) const;

  /// Begins to follow a message. False: it does not follow any more.
  bool take_message(SteadyTime now);

  void add(TraceEvent event) noexcept;

  /// It follows no further message.
  void end();

  TraceReport report(SteadyTime now) const;

  const std::string id;
  const TraceKind kind;
  const std::string target;
  const std::size_t max_messages;
  const SteadyTime ends;

 private:
  bool is_open(SteadyTime now) const;

  mutable std::mutex mutex_;
  TraceReport report_;
};

}  // namespace wscast::server
