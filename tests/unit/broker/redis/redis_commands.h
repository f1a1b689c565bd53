#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/redis/resp/resp_reader.h"

namespace wscast::redis {

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

}  // namespace wscast::redis
