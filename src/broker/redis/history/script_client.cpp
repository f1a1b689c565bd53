#include "broker/redis/history/script_client.h"

#include <utility>

#include "base/random_id.h"

namespace wscast::redis {

void ScriptClient::run(const Call& call, bool asking, Publisher::OnAnswer on_answer) {
  send(call, has_.contains(call->script), asking, std::move(on_answer));
}

/// Until a script has run here it is sent as a whole, so that what is sent meanwhile cannot be
/// refused, and overtaken, because Redis does not have it yet. It may still forget it (SCRIPT
/// FLUSH): nothing was run then.
void ScriptClient::send(const Call& call, bool by_digest, bool asking,
                        Publisher::OnAnswer on_answer) {
  const std::string epoch = random_id(random_);
  const std::string keys = std::to_string(call->keys.size());
  std::vector<std::string_view> words;
  words.reserve(5 + call->keys.size() + call->arguments.size());
  words.emplace_back(by_digest ? "EVALSHA" : "EVAL");
  words.emplace_back(by_digest ? call->script->sha1 : call->script->text);
  words.emplace_back(keys);
  words.insert(words.end(), call->keys.begin(), call->keys.end());
  words.emplace_back(by_digest ? "" : "new");
  words.emplace_back(epoch);
  words.insert(words.end(), call->arguments.begin(), call->arguments.end());
  send_(words, asking,
        [this, call, by_digest, asking,
         on_answer = std::move(on_answer)](const Publisher::Answer& answer) {
          const bool known = answer.reply == nullptr || learn(*call, *answer.reply);
          if (known || !by_digest) return on_answer(answer);
          send(call, false, asking, on_answer);
        });
}

/// False: Redis does not have the script.
bool ScriptClient::learn(const ScriptCall& call, const RespValue& reply) {
  if (reply.kind == RespValue::Kind::error && reply.text.starts_with("NOSCRIPT")) {
    has_.erase(call.script);
    return false;
  }
  if (reply.kind == RespValue::Kind::error) return true;
  has_.insert(call.script);
  return true;
}

}  // namespace wscast::redis
