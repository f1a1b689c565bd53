#include "terminal_json.h"

#include <array>
#include <cstdint>
#include <cstdio>

#include "json_writer.h"

namespace wscast::program {
namespace {

/// A character, and how many bytes it takes.
struct Character {
  std::uint32_t code = 0;
  std::size_t size = 1;
  bool valid = false;
};

std::uint32_t byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

/// Decodes the first character by the table of well-formed UTF-8 (Unicode, table 3-7).
Character first_of(std::string_view text) {
  const std::uint32_t lead = byte_at(text, 0);
  if (lead < 0x80) return {.code = lead, .valid = true};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return {};
  std::uint32_t code = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const std::uint32_t next = byte_at(text, i);
    if (next < 0x80 || next > 0xbf) return {};
    code = code << 6 | (next & 0x3f);
  }
  constexpr std::array<std::uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < least[size] || code > 0x10ffff || surrogate) return {};
  return {.code = code, .size = size, .valid = true};
}

/// Whether a terminal, or who reads it, takes it for more than a sign.
bool acts(std::uint32_t code) {
  const auto within = [code](std::uint32_t from, std::uint32_t to) {
    return code >= from && code <= to;
  };
  return code < 0x20 || within(0x7f, 0x9f) || within(0x200e, 0x200f) || within(0x2028, 0x202e) ||
         within(0x2066, 0x2069) || code == 0x061c || code == 0xfeff;
}

void append_escape(std::string& out, std::uint32_t code) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(code));
  out += text.data();
}

}  // namespace

std::string terminal_json(std::string_view json) {
  constexpr std::uint32_t kReplacement = 0xfffd;
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const Character character = first_of(json);
    if (!character.valid) {
      append_escape(out, kReplacement);
    } else if (character.code == '\n' || character.code == '\r' || character.code == '\t') {
      out += ' ';  // Inside a string JSON does not have them as they are.
    } else if (acts(character.code)) {
      append_escape(out, character.code);
    } else {
      out += json.substr(0, character.size);
    }
    json.remove_prefix(character.size);
  }
  return out;
}

std::string terminal_string(std::string_view text) {
  return terminal_json(json_string(text));
}

}  // namespace wscast::program
