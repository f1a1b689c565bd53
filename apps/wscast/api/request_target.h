#pragma once

#include <optional>
#include <string_view>

namespace wscast::program {

/// The parts of a request's target. Views into it.
struct RequestTarget {
  std::string_view path{};   ///< Still percent-encoded.
  std::string_view query{};  ///< Behind the question mark; empty: there is none.
  std::string_view host{};   ///< Of an absolute one, in place of that of the field; else empty.
};

/// Reads a target in origin form, such as `/api/v1/stats?all=1`, or in absolute form, such as
/// `http://host/api/v1/stats` (RFC 9112 section 3.2.2). std::nullopt: it is an absolute one that is
/// malformed. Any other form is a path that nothing has.
std::optional<RequestTarget> read_target(std::string_view target);

}  // namespace wscast::program
