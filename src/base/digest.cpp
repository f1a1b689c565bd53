#include "base/digest.h"

#include <stdexcept>

#include <openssl/evp.h>

namespace wscast {
namespace {

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
  return digest<20>(text, EVP_sha1());
}

std::array<std::uint8_t, 32> sha256(std::string_view text) {
  return digest<32>(text, EVP_sha256());
}

}  // namespace wscast
