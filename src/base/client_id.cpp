#include "base/client_id.h"

#include <algorithm>
#include <span>

#include "base/digest.h"

namespace wscast {
namespace {

constexpr std::size_t kRandomBytes = 12;

/// protocol.md U2: the first 4 bytes of SHA-256 over the other 24 digits and the word `wscast`.
std::array<std::uint8_t, 4> checksum(const UuidBytes& bytes) {
  const auto digest = sha256(hex(std::span(bytes).first(kRandomBytes)) + "wscast");
  return {digest[0], digest[1], digest[2], digest[3]};
}

}  // namespace

ClientId ClientId::generate(Random& random) {
  UuidBytes bytes{};
  random.fill(std::span(bytes).first(kRandomBytes));
  stamp_uuid_v4(bytes);
  std::ranges::copy(checksum(bytes), bytes.begin() + kRandomBytes);
  return ClientId(bytes);
}

std::optional<ClientId> ClientId::parse(std::string_view text) {
  const auto bytes = parse_uuid(text);
  if (!bytes) return std::nullopt;
  UuidBytes stamped = *bytes;
  stamp_uuid_v4(stamped);
  if (stamped != *bytes) return std::nullopt;
  if (!std::ranges::equal(checksum(*bytes), std::span(*bytes).subspan(kRandomBytes))) {
    return std::nullopt;
  }
  return ClientId(*bytes);
}

}  // namespace wscast
