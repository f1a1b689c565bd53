#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/publish_result.h"
#include "wscast/trace.h"

#include "base/client_id.h"
#include "base/clock.h"
#include "base/message_trace.h"
#include "server/trace_log.h"

namespace wscast::server {

/// One message that traces follow: notes its steps in their logs. Any thread.
class TracedMessage final : public MessageTrace {
 public:
  /// A trace that follows it.
  struct Follower {
    std::shared_ptr<TraceLog> log;

    /// Sorted; the only receivers that the trace is about. None: all of them.
    std::optional<std::vector<ClientId>> only{};
  };

  /// `taken`: when the server took it.
  TracedMessage(std::string id, std::vector<Follower> followers, const Clock& clock,
                SteadyTime taken);

  const std::string& id() const { return id_; }

  /// TraceStep::published or TraceStep::received, at the time when the server took the message.
  void on_taken(TraceStep step, std::string_view event, std::size_t bytes) noexcept;

  void on_broker(Backplane backplane) noexcept;
  void on_delivered(std::size_t accepted, std::size_t dropped) noexcept override;
  void on_written(const std::optional<ClientId>& client, SteadyTime when) noexcept override;
  void on_dropped(const std::optional<ClientId>& client, std::string_view why) noexcept override;

 private:
  WallTime wall_of(SteadyTime when) const;
  void note(TraceEvent event, SteadyTime when, const std::optional<ClientId>& client = {});

  const std::string id_;
  const std::vector<Follower> followers_;
  const Clock& clock_;
  const SteadyTime taken_;
  const SteadyTime steady_now_;  ///< And the wall's time then.
  const WallTime wall_now_;
};

}  // namespace wscast::server
