#pragma once

#include <span>
#include <string>
#include <string_view>

namespace wscast::redis {

/// Appends one command as it goes over the wire (an array of bulk strings; hiredis' formatter).
void append_command(std::string& out, std::span<const std::string_view> words);

}  // namespace wscast::redis
