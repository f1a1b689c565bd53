#include "protocol/utf8.h"

#include <simdjson.h>

namespace wscast::protocol {

bool is_utf8(std::string_view text) {
  return text.empty() || simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace wscast::protocol
