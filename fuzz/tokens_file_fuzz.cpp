// The content of a tokens file, and the patterns of rooms in it.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "auth/tokens.h"
#include "stream.h"

namespace {

using namespace wscast;
using fuzz::require;

void check_patterns(const program::Grant& grant) {
  for (const auto& pattern : grant.room_patterns) {
    if (pattern.find('*') == std::string::npos) {
      require(program::matches(pattern, pattern), "a name allows itself");
      require(!program::matches(pattern, pattern + "x"), "and no longer one");
    } else {
      require(program::matches(pattern, pattern), "a star matches a star");
    }
  }
}

void check_tokens(const program::Tokens& tokens) {
  require(tokens.size() > 0, "there is a token");
  require(!tokens.find(""), "the empty token is none");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const auto tokens = program::Tokens::parse("tokens.json", text);
    check_tokens(tokens);
    if (const auto grant = tokens.find("token")) check_patterns(*grant);
  } catch (const std::runtime_error& error) {
    const std::string_view what = error.what();
    require(what.starts_with("tokens.json: "), "a fault names the file");
    require(what.find('\n') == std::string_view::npos, "a fault is one line");
  }
  const std::size_t middle = text.find('\n');
  if (middle == std::string::npos) return 0;
  const std::string_view pattern = std::string_view(text).substr(0, middle);
  const std::string_view room = std::string_view(text).substr(middle + 1);
  if (program::matches(pattern, room)) {
    require(program::matches(std::string(pattern) + "*", std::string(room) + "x"),
            "a star at the end");
  }
  return 0;
}
