#pragma once

#include <string>

#include "broker/redis/resp_reader.h"

namespace wscast::redis {

/// The text of an error or a status for people: escaped, shortened, and cut where Redis begins to
/// repeat a command's arguments. Another kind of reply: `an answer that was not expected`.
std::string words_of(const Reply& reply);

/// The same of the reply to AUTH. The password is never searched for, since it may be a word of
/// Redis' own text: an error of Redis is recognized by how it begins, and what an unknown server
/// says there is not shown.
std::string words_of_auth(const Reply& reply);

/// Whether the error is one that ends by itself: Redis is loading, say, or busy with a script.
bool is_temporary(const Reply& reply);

}  // namespace wscast::redis
