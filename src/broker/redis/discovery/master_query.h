#pragma once

#include <string>

#include "broker/redis/discovery/redis_url.h"
#include "broker/redis/resp/handshake_step.h"

namespace wscast::redis {

/// Asks a Sentinel for the address of the master. Logs in, with the user and password of the URL,
/// only if the Sentinel requires it.
class MasterQuery : public HandshakeStep {
 public:
  explicit MasterQuery(const RedisUrl& url) : url_(url) {}

  std::string opening() override;
  Result on_reply(const RespValue& reply, std::string& more, std::string& fault) override;

  const Host& master() const { return master_; }

 private:
  Result read_address(const RespValue& reply, std::string& fault);

  const RedisUrl& url_;
  Host master_;
  bool auth_pending_ = false;  ///< The next reply is to AUTH.
  bool auth_tried_ = false;
};

}  // namespace wscast::redis
