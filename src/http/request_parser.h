#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/head_scanner.h"
#include "http/request_head.h"

namespace wscast::http {

/// Parses one request head from bytes as they come, without I/O, and refuses what two parties on
/// the way could read differently (RFC 7230 sections 3.2.4, 3.3.3, 5.4). A head that comes in one
/// piece is parsed in place; only a split one is gathered in a buffer. Shard thread only.
class RequestParser {
 public:
  enum class Outcome : std::uint8_t {
    need_more,  ///< The input is used up.
    complete,   ///< head() is valid; what follows it stays in the input.
    refused,    ///< status() and reason() say why.
  };

  /// `max_bytes`: the longest head, its final empty line included; `max_fields`: the most header
  /// fields. More of either is refused with 431 (RFC 6585 section 5).
  RequestParser(std::size_t max_bytes, std::size_t max_fields) : scanner_(max_bytes, max_fields) {}

  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Consumes bytes from the front of `input`. After `complete` or `refused` consumes nothing and
  /// returns the same again.
  Outcome feed(std::span<std::uint8_t>& input);

  /// After `complete`. Valid until this object or the memory of the last input is destroyed or
  /// changed.
  const RequestHead& head() const { return head_; }

  /// After `complete`: all bytes of the head. Valid as long as head().
  std::string_view text() const { return text_; }

  /// Whether any byte has come.
  bool begun() const { return scanner_.size() > 0; }

  int status() const { return status_; }               ///< After `refused`: 400 or 431.
  std::string_view reason() const { return reason_; }  ///< After `refused`; a literal, in words.

 private:
  Outcome finish(std::string_view text);
  Outcome refuse(int status, std::string_view reason);
  bool validate_target();

  HeadScanner scanner_;
  std::string gathered_;  ///< The head so far, when it did not come in one piece.
  std::string target_;    ///< For an absolute target that has no path.
  std::vector<HeaderField> fields_;
  std::string_view text_;
  RequestHead head_;
  std::string_view reason_;
  int status_ = 0;
  Outcome outcome_ = Outcome::need_more;
};

}  // namespace wscast::http
