#pragma once

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "broker/redis/history/scripts.h"
#include "broker/redis/pubsub/publisher.h"

namespace wscast::redis {

/// A script with what it is to work on. The two texts that its ARGV begins with (Script) are not in
/// `arguments`.
struct ScriptCall {
  const Script* script = nullptr;
  std::vector<std::string> keys{};
  std::vector<std::string> arguments{};
};

/// Runs scripts on one connection, by their digest once it is known that Redis has them. Loop
/// thread only.
class ScriptClient {
 public:
  using Call = std::shared_ptr<const ScriptCall>;

  /// Sends a command, as Publisher::query does; behind ASKING, if `asking`.
  using Send =
      std::function<void(std::span<const std::string_view>, bool asking, Publisher::OnAnswer)>;

  /// `random` must outlive it. It must outlive what it sends.
  ScriptClient(Send send, Random& random) : send_(std::move(send)), random_(random) {}

  /// Never calls back inside the call. `asking`: a Cluster redirected this call here.
  void run(const Call& call, bool asking, Publisher::OnAnswer on_answer);

  /// The connection was lost: another Redis may be behind the next.
  void on_lost() { has_.clear(); }

 private:
  void send(const Call& call, bool by_digest, bool asking, Publisher::OnAnswer on_answer);
  bool learn(const ScriptCall& call, const RespValue& reply);

  const Send send_;
  Random& random_;
  std::set<const Script*> has_;  ///< The scripts that this Redis has.
};

}  // namespace wscast::redis
