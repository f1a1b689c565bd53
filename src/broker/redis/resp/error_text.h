#pragma once

#include <string>

#include "broker/redis/resp/resp_value.h"

namespace wscast::redis {

/// The text of an error or a status for people: escaped, shortened, and cut where Redis begins to
/// repeat a command's arguments. Another kind of reply: `an answer that was not expected`.
std::string error_text(const RespValue& reply);

/// The same for the reply to AUTH. It does not search for the password, which may be a word of
/// Redis' own text: it recognizes Redis' errors by how they begin, and shows nothing of others.
std::string auth_error_text(const RespValue& reply);

/// Whether the error ends by itself: Redis is loading, say, or busy with a script.
bool is_temporary(const RespValue& reply);

}  // namespace wscast::redis
