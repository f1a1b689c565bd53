// Validates one stream in pieces, and holds it against simdjson's validation of the whole.

#include <simdjson.h>

#include "stream.h"
#include "ws/utf8_validator.h"

namespace {

using wscast::fuzz::require;
using Pieces = std::vector<std::vector<std::uint8_t>>;

bool is_valid(const std::vector<std::uint8_t>& text) {
  return simdjson::validate_utf8(reinterpret_cast<const char*>(text.data()), text.size());
}

bool validate(const Pieces& pieces) {
  wscast::ws::Utf8Validator validator;
  for (const auto& piece : pieces) {
    if (!validator.feed(piece)) return false;
  }
  return validator.complete();
}

/// A text is rejected at the first byte that no valid text can have there, never earlier: what was
/// accepted can be completed by at most three bytes.
void check_early_rejection(const std::vector<std::uint8_t>& text) {
  wscast::ws::Utf8Validator validator;
  std::size_t accepted = 0;
  while (accepted < text.size() && validator.feed({&text[accepted], 1})) ++accepted;
  if (accepted == text.size() || accepted == 0) return;
  for (std::size_t missing = 0; missing < 4; ++missing) {
    std::vector<std::uint8_t> prefix(
        text.begin(), text.begin() + static_cast<std::ptrdiff_t>(accepted - missing));
    if (is_valid(prefix)) return;
    if (missing == accepted) break;
  }
  require(false, "at most three bytes belong to an unfinished character");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < wscast::fuzz::Stream::kPrefix) return 0;
  const wscast::fuzz::Stream stream(data, size);
  const auto whole = stream.whole();
  const bool valid = is_valid(whole.front());
  require(wscast::ws::is_utf8(whole.front()) == valid, "the whole, as simdjson finds");
  require(validate(whole) == valid, "in one piece");
  require(validate(stream.pieces()) == valid, "in pieces");
  check_early_rejection(whole.front());
  return 0;
}
