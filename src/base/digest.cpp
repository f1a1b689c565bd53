#include "base/digest.h"

#include <atomic>
#include <stdexcept>

#include <openssl/evp.h>

namespace wscast {
namespace {

/// Fetched once: what EVP_sha1() and its like return, OpenSSL looks up for each digest. Never
/// freed: static objects may use it while the program exits.
const EVP_MD* fetched(std::atomic<const EVP_MD*>& kept, const char* name) {
  const EVP_MD* algorithm = kept.load(std::memory_order_acquire);
  if (algorithm == nullptr) {
    algorithm = EVP_MD_fetch(nullptr, name, nullptr);
    kept.store(algorithm, std::memory_order_release);
  }
  return algorithm;
}

template <std::size_t Size>
std::array<std::uint8_t, Size> digest(std::string_view text, const EVP_MD* algorithm) {
  std::array<std::uint8_t, Size> out;
  if (EVP_Digest(text.data(), text.size(), out.data(), nullptr, algorithm, nullptr) != 1) {
    throw std::runtime_error("OpenSSL does not provide a digest that wscast needs");
  }
  return out;
}

}  // namespace

std::array<std::uint8_t, 20> sha1(std::string_view text) {
  static constinit std::atomic<const EVP_MD*> kept = nullptr;
  return digest<20>(text, fetched(kept, "SHA1"));
}

std::array<std::uint8_t, 32> sha256(std::string_view text) {
  static constinit std::atomic<const EVP_MD*> kept = nullptr;
  return digest<32>(text, fetched(kept, "SHA256"));
}

}  // namespace wscast
