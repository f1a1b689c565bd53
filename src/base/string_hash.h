#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wscast {

/// Secret that a keyed hash is computed under.
using HashKey = std::array<std::uint8_t, 16>;

/// SipHash-2-4 of `bytes`: without the key nobody can choose inputs whose hashes collide. Any
/// thread.
std::uint64_t keyed_hash(std::string_view bytes, const HashKey& key) noexcept;

/// The key of all hash tables of this process. Random, made at the first call; a process without
/// randomness ends there. Any thread.
const HashKey& process_hash_key() noexcept;

/// Hash of every table whose keys a peer may choose: names of rooms, users, topics and channels,
/// addresses. Also lets a table whose keys are strings be searched by a view. Not marked as
/// avalanching: stripes are chosen by its low bits, which flat tables would then rely on as well.
struct StringHash {
  using is_transparent = void;

  std::size_t operator()(std::string_view text) const noexcept {
    return keyed_hash(text, process_hash_key());
  }
};

}  // namespace wscast
