#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wscast {

/// The secret of a keyed hash.
using HashKey = std::array<std::uint8_t, 16>;

/// SipHash-2-4 of `bytes`: without the key a peer cannot choose inputs that collide. Any thread.
std::uint64_t keyed_hash(std::string_view bytes, const HashKey& key) noexcept;

/// The key of all hash tables of this process. Random, made at the first call, which terminates the
/// process when the system provides no randomness. Any thread.
const HashKey& process_hash_key() noexcept;

/// Hash for every table with keys that a peer may choose: names of rooms, users, topics and
/// channels, addresses. Transparent: tables of strings can be searched by a view. Not marked as
/// avalanching: stripes are chosen by its low bits, which flat tables would then rely on as well.
struct StringHash {
  using is_transparent = void;

  std::size_t operator()(std::string_view text) const noexcept {
    return keyed_hash(text, process_hash_key());
  }
};

}  // namespace wscast
