#pragma once

#include <cstdint>
#include <string_view>

namespace wscast {

namespace protocol {
struct VerifiedJson;
}

/// A JSON text on its way into or out of a call, or its absence (which is not JSON `null`). It does
/// not own the text: a view need live only as long as the call that takes it, and one that a hook
/// receives lives as long as the hook runs.
class Json {
 public:
  /// Absent.
  Json() = default;

  /// `text` is not judged here but in the call that takes it, which refuses what is no JSON text
  /// (RFC 8259), is nested deeper than 255 levels, or is not UTF-8: `Errc::invalid_json`.
  static Json text(std::string_view text) noexcept { return Json(text, State::unverified); }

  bool present() const noexcept { return state_ != State::absent; }

  /// The text as it was given; empty when absent.
  std::string_view view() const noexcept { return text_; }

  /// The same value, its text being in `copy`, which holds the same characters.
  Json kept_in(std::string_view copy) const noexcept { return Json(copy, state_); }

  /// Whether the library itself made this from a text that it had judged already. Such a Json is
  /// not judged again.
  bool verified() const noexcept { return state_ == State::verified; }

 private:
  friend struct protocol::VerifiedJson;

  enum class State : std::uint8_t { absent, unverified, verified };

  Json(std::string_view text, State state) noexcept : text_(text), state_(state) {}

  std::string_view text_;
  State state_ = State::absent;
};

}  // namespace wscast
