#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "broker/redis/dialogue.h"
#include "broker/redis/redis_url.h"

namespace wscast::redis {

/// Makes a connection to Redis ours: user and password, name, database and, behind Sentinels,
/// whether this is a master, all in one write.
class Login : public Dialogue {
 public:
  /// `url` must outlive it. `name` is for CLIENT LIST.
  Login(const RedisUrl& url, std::string name);

  std::string opening() override;
  Verdict take(const Reply& reply, std::string& more, std::string& fault) override;

 private:
  enum class Step : std::uint8_t { auth, name, database, role };

  std::string fault_of(Step step, const Reply& reply) const;

  const RedisUrl& url_;
  std::string name_;
  std::vector<Step> steps_;  ///< Each is answered once, in this order.
  std::size_t answered_ = 0;
};

bool has_auth(const RedisUrl& url);

/// AUTH as `url` has it; nothing when it has neither user nor password.
void append_auth(std::string& out, const RedisUrl& url);

/// What Redis said in `reply`, fit for people and without the password.
std::string words_of(const Reply& reply, const RedisUrl& url);

}  // namespace wscast::redis
