#pragma once

#include <system_error>
#include <utility>
#include <variant>

namespace wscast {

/// A value, or the error because of which there is none.
template <class T>
class Result {
 public:
  // NOLINTBEGIN(google-explicit-constructor): a value or an error is a result.
  Result(T value) : content_(std::move(value)) {}
  Result(std::error_code error) : content_(error) {}
  template <class Code>
  requires std::is_error_code_enum_v<Code> Result(Code code) : content_(std::error_code(code)) {}
  // NOLINTEND(google-explicit-constructor)

  explicit operator bool() const noexcept { return content_.index() == 0; }

  /// The value; throws std::system_error with the error if there is none.
  const T& value() const {
    if (!*this) throw std::system_error(std::get<1>(content_));
    return std::get<0>(content_);
  }

  /// The value, which must be there.
  const T& operator*() const { return std::get<0>(content_); }
  const T* operator->() const { return &std::get<0>(content_); }

  /// The error; empty if there is a value.
  std::error_code error() const noexcept {
    return *this ? std::error_code() : std::get<1>(content_);
  }

 private:
  std::variant<T, std::error_code> content_;
};

}  // namespace wscast
