#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "broker/redis/resp/command.h"
#include "broker/redis/resp/resp_reader.h"

namespace wscast::redis {

/// The bytes of one command.
inline std::string command(std::initializer_list<std::string_view> words) {
  std::string text;
  append_command(text, words);
  return text;
}

/// What a Redis would read: each command as its words.
inline std::vector<std::vector<std::string>> commands_in(std::string_view bytes) {
  RespReader reader{RespReader::Limits{}};
  reader.feed(bytes);
  std::vector<std::vector<std::string>> commands;
  while (const auto command = reader.next()) {
    auto& words = commands.emplace_back();
    for (const auto& word : command->elements) words.emplace_back(word.text);
  }
  return commands;
}

inline RespValue status(std::string_view text) {
  return {.kind = RespValue::Kind::status, .text = text};
}

inline RespValue error(std::string_view text) {
  return {.kind = RespValue::Kind::error, .text = text};
}

/// An array of bulk strings.
inline RespValue array(std::initializer_list<std::string_view> texts) {
  RespValue value{.kind = RespValue::Kind::array};
  for (const auto text : texts) {
    value.elements.push_back({.kind = RespValue::Kind::bulk, .text = text});
  }
  return value;
}

}  // namespace wscast::redis
