#pragma once

#include <system_error>
#include <type_traits>

namespace wscast {

/// What a public call can answer instead of success.
enum class Errc {
  invalid_json = 1,  ///< A text that was given as JSON is not JSON, or is not UTF-8.
  overloaded,        ///< A shard's inbox is full (`limits.inbox_bytes`); nothing was sent to it.
  stopped,           ///< The server was never configured, or is shutting down.
  invalid_endpoint,  ///< An address that `listen` cannot read.
};

const std::error_category& error_category() noexcept;

std::error_code make_error_code(Errc code) noexcept;

}  // namespace wscast

template <>
struct std::is_error_code_enum<wscast::Errc> : std::true_type {};
