#include "broker/redis/resp/command.h"

#include <memory>
#include <new>
#include <vector>

#include <hiredis/hiredis.h>

namespace wscast::redis {

void append_command(std::string& out, std::span<const std::string_view> words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  texts.reserve(words.size());
  sizes.reserve(words.size());
  for (const auto word : words) {
    texts.push_back(word.empty() ? "" : word.data());
    sizes.push_back(word.size());
  }
  char* formatted = nullptr;
  const int size = redisFormatCommandArgv(&formatted, static_cast<int>(words.size()), texts.data(),
                                          sizes.data());
  if (size < 0) throw std::bad_alloc();
  const std::unique_ptr<char, decltype(&redisFreeCommand)> owner(formatted, redisFreeCommand);
  out.append(formatted, static_cast<std::size_t>(size));
}

void append_auth(std::string& out, std::string_view user, std::string_view password) {
  if (user.empty() && password.empty()) return;
  if (user.empty()) return append_command(out, {"AUTH", password});
  append_command(out, {"AUTH", user, password});
}

}  // namespace wscast::redis
