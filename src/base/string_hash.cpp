#include "base/string_hash.h"

#include <cstring>

#include <sodium/crypto_shorthash.h>

#include "base/random.h"

namespace wscast {
namespace {

static_assert(sizeof(HashKey) == crypto_shorthash_KEYBYTES);

HashKey make_key() {
  HashKey key;
  system_random().fill(key);
  return key;
}

}  // namespace

std::uint64_t keyed_hash(std::string_view bytes, const HashKey& key) noexcept {
  std::array<std::uint8_t, crypto_shorthash_BYTES> out;
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  crypto_shorthash(out.data(), in, bytes.size(), key.data());
  std::uint64_t hash;
  static_assert(sizeof hash == sizeof out);
  std::memcpy(&hash, out.data(), sizeof hash);
  return hash;
}

const HashKey& process_hash_key() noexcept {
  static const HashKey key = make_key();
  return key;
}

}  // namespace wscast
