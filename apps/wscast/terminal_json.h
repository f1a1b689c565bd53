#pragma once

#include <string>
#include <string_view>

namespace wscast::program {

/// Returns a JSON text of a peer in one line that a terminal shows and does not obey: control
/// characters (those of C1 too, and those that turn the direction of writing) as `\uNNNN`, which is
/// the same JSON, space between its parts as a space, bytes that are not UTF-8 as `\ufffd`.
std::string terminal_json(std::string_view json);

/// The same for any text, as a JSON string.
std::string terminal_string(std::string_view text);

}  // namespace wscast::program
