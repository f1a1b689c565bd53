#pragma once

#include <compare>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/uuid.h"

namespace wscast {

/// The name of one connection: a UUID v4 whose last 8 hexadecimal digits are a checksum of the
/// others, so that every wscast server tells a client id from any other string without asking
/// (protocol.md U2). A value; 16 bytes.
class ClientId {
 public:
  static ClientId generate(Random& random);

  /// The id that `text` spells, or nothing when it is no client id.
  static std::optional<ClientId> parse(std::string_view text);

  std::string text() const { return format_uuid(bytes_); }

  /// `text` spells this id. Cheaper than parse(), which has to judge the checksum.
  bool is(std::string_view text) const { return parse_uuid(text) == bytes_; }

  friend bool operator==(const ClientId& a, const ClientId& b) noexcept {
    return std::memcmp(a.bytes_.data(), b.bytes_.data(), sizeof a.bytes_) ==
           0;  // Inlined: 2 words.
  }

  /// In no order that means anything, for sorting.
  friend auto operator<=>(const ClientId& a, const ClientId& b) noexcept {
    return std::memcmp(a.bytes_.data(), b.bytes_.data(), sizeof a.bytes_) <=> 0;
  }

  friend std::size_t hash_value(const ClientId& id) noexcept {
    // Not keyed: tables hold only ids that a server made, whose leading bytes are random. Ids that
    // peers choose (room names, what comes from Redis) are only looked up, never stored.
    std::size_t hash;
    std::memcpy(&hash, id.bytes_.data(), sizeof hash);
    return hash;
  }

 private:
  explicit ClientId(const UuidBytes& bytes) : bytes_(bytes) {}

  UuidBytes bytes_;
};

}  // namespace wscast
