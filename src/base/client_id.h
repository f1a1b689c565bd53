#pragma once

#include <compare>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/uuid.h"

namespace wscast {

/// Identifies one connection: a UUID v4 with a checksum of its other digits in the last 8, so that
/// every wscast server recognizes a client id without a lookup (protocol.md U2). A value; 16 bytes.
class ClientId {
 public:
  static ClientId generate(Random& random);

  /// Returns the id that `text` spells; `std::nullopt` when it is no client id.
  static std::optional<ClientId> parse(std::string_view text);

  /// Returns the UUID that `text` spells, whether it is a client id or not; `std::nullopt` when it
  /// is none. To look for a client: no other id finds one. Cheaper than parse(), which takes a
  /// digest.
  static std::optional<ClientId> spelled(std::string_view text) {
    const auto bytes = parse_uuid(text);
    return bytes ? std::optional(ClientId(*bytes)) : std::nullopt;
  }

  std::string text() const { return format_uuid(bytes_); }

  /// Whether `text` spells this id. Cheaper than parse(), which verifies the checksum.
  bool is(std::string_view text) const { return parse_uuid(text) == bytes_; }

  friend bool operator==(const ClientId& a, const ClientId& b) noexcept {
    return std::memcmp(a.bytes_.data(), b.bytes_.data(), sizeof a.bytes_) ==
           0;  // Inlined: 2 words.
  }

  /// An arbitrary order, for sorting.
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
