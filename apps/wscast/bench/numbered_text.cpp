#include "bench/numbered_text.h"

#include <array>

namespace wscast::program {
namespace {

/// Words and numbers that follow from the size alone.
std::string words(std::size_t size) {
  constexpr std::array kWords{"id", "price", "lobby", "message", "user", "value", "name", "total"};
  std::string text;
  for (std::uint32_t state = 1; text.size() < size;) {
    state = state * 1664525u + 1013904223u;
    text += kWords[state >> 16 & 7];
    text += ':' + std::to_string(state >> 20) + ',';
  }
  text.resize(size);
  return text;
}

}  // namespace

NumberedText::NumberedText(std::size_t size) : text_(words(size)) {}

std::string_view NumberedText::with(std::uint64_t number) {
  write(text_.data(), number);
  return text_;
}

void NumberedText::write(char* text, std::uint64_t number) {
  for (std::size_t i = 0; i < kNumberSize; ++i) {
    text[i] = static_cast<char>('a' + (number >> 4 * i & 0xf));
  }
}

std::optional<std::uint64_t> NumberedText::read(std::string_view text) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kNumberSize; ++i) {
    const auto digit = static_cast<unsigned char>(text[i] - 'a');
    if (digit > 0xf) return std::nullopt;
    number |= std::uint64_t{digit} << 4 * i;
  }
  return number;
}

bool DeliveryTemplate::learn(std::string_view message, std::string_view text) {
  const std::size_t at = message.find(text);
  if (at == std::string_view::npos) return false;
  message_ = message;
  number_ = at;
  return true;
}

std::optional<std::uint64_t> DeliveryTemplate::number_in(std::string_view message) const {
  const std::string_view expected = message_;
  const std::size_t rest = number_ + NumberedText::kNumberSize;
  if (message.size() != expected.size() ||
      message.substr(0, number_) != expected.substr(0, number_) ||
      message.substr(rest) != expected.substr(rest)) {
    return std::nullopt;
  }
  return NumberedText::read(message.substr(number_));
}

}  // namespace wscast::program
