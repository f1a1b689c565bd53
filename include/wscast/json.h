#pragma once

#include <cstdint>
#include <string_view>

namespace wscast {

namespace protocol {
struct VerifiedJson;
}

/// A view of a JSON text, or none (which is not JSON `null`). The text must be valid during the
/// call that takes the Json; one that a hook receives is valid during the call of the hook.
/// JsonText owns its text.
class Json {
 public:
  /// No text.
  Json() = default;

  /// A view of `text`. It is not validated here but in the call that takes the Json, which returns
  /// Errc::invalid_json when it is not a JSON text (RFC 8259), is nested deeper than 255 levels, or
  /// is not UTF-8.
  static Json text(std::string_view text) noexcept { return Json(text, State::unverified); }

  bool present() const noexcept { return state_ != State::absent; }

  /// The text as it was given; empty if there is none.
  std::string_view view() const noexcept { return text_; }

  /// The same Json as a view of `copy`, which must hold the same characters.
  Json kept_in(std::string_view copy) const noexcept { return Json(copy, state_); }

  /// Whether the library made this from a text that it has validated; calls do not validate such a
  /// Json again.
  bool verified() const noexcept { return state_ == State::verified; }

 private:
  friend struct protocol::VerifiedJson;

  enum class State : std::uint8_t { absent, unverified, verified };

  Json(std::string_view text, State state) noexcept : text_(text), state_(state) {}

  std::string_view text_;
  State state_ = State::absent;
};

}  // namespace wscast
