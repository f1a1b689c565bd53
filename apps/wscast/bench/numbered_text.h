#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wscast::program {

/// The data of a load's messages: text for the inside of a JSON string that needs no escapes,
/// begins with a number and compresses about as well as JSON does.
class NumberedText {
 public:
  static constexpr std::size_t kNumberSize = 8;

  /// `size`: of the text, at least kNumberSize.
  explicit NumberedText(std::size_t size);

  /// The text with that number, of which 32 bits count. Valid until the next call.
  std::string_view with(std::uint64_t number);

  /// Writes the number over the beginning of `text`.
  static void write(char* text, std::uint64_t number);

  /// Reads what write() has written; std::nullopt: nobody has.
  static std::optional<std::uint64_t> read(std::string_view text);

 private:
  std::string text_;
};

/// The message that a text arrives in: learned from one, then every other is compared with it, each
/// byte. One thread.
class DeliveryTemplate {
 public:
  bool learned() const { return !message_.empty(); }

  /// Returns whether `text` stands in `message`, which is the template from now on.
  bool learn(std::string_view message, std::string_view text);

  /// The number in a message that is the template but for its number.
  std::optional<std::uint64_t> number_in(std::string_view message) const;

 private:
  std::string message_;
  std::size_t number_ = 0;  ///< Where it begins.
};

}  // namespace wscast::program
