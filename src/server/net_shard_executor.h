#pragma once

#include <utility>

#include "net/shard.h"
#include "server/shard_executor.h"

namespace wscast::server {

/// The executor of a net::Shard, which must outlive it.
class NetShardExecutor final : public ShardExecutor {
 public:
  explicit NetShardExecutor(net::Shard& shard) : shard_(shard) {}

  void post(std::function<void()> task) override { shard_.post(std::move(task)); }
  void after(std::chrono::milliseconds delay, std::function<void()> task) override {
    shard_.after(delay, std::move(task));
  }
  void every(std::chrono::milliseconds period, std::function<bool()> task) override {
    shard_.every(period, std::move(task));
  }
  void request_iteration() noexcept override { shard_.request_iteration(); }
  void begin_fan_out() noexcept override { shard_.begin_fan_out(); }
  void end_fan_out() noexcept override { shard_.end_fan_out(); }
  SteadyTime now() const override { return shard_.now(); }
  const Clock& clock() const override { return shard_.clock(); }
  Counters& counters() override { return shard_.counters(); }

 private:
  net::Shard& shard_;
};

}  // namespace wscast::server
