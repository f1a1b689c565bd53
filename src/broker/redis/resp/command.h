#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace wscast::redis {

/// Appends one command as it goes over the wire (an array of bulk strings; hiredis' formatter).
void append_command(std::string& out, std::span<const std::string_view> words);

inline void append_command(std::string& out, std::initializer_list<std::string_view> words) {
  append_command(out, std::span(words.begin(), words.size()));
}

/// Appends AUTH, without the user when that is empty. No-op without user and password.
void append_auth(std::string& out, std::string_view user, std::string_view password);

}  // namespace wscast::redis
