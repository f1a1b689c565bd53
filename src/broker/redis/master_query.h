#pragma once

#include <string>

#include "broker/redis/dialogue.h"
#include "broker/redis/redis_url.h"

namespace wscast::redis {

/// Asks a Sentinel who the master is. Logs in, with what is for Redis, only if it wants that.
class MasterQuery : public Dialogue {
 public:
  explicit MasterQuery(const RedisUrl& url) : url_(url) {}

  std::string opening() override;
  Verdict take(const Reply& reply, std::string& more, std::string& fault) override;

  const Host& master() const { return master_; }

 private:
  Verdict take_address(const Reply& reply, std::string& fault);

  const RedisUrl& url_;
  Host master_;
  bool logging_in_ = false;  ///< The next reply is to AUTH.
  bool asked_twice_ = false;
};

}  // namespace wscast::redis
