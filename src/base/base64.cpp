#include "base/base64.h"

#include <openssl/evp.h>

namespace wscast {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64_encode(std::span<const std::uint8_t> bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a NUL.
  const int written = EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(out.data()), bytes.data(),
                                      static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(written));
  return out;
}

bool is_base64_of(std::string_view text, std::size_t size) {
  if (text.size() != (size + 2) / 3 * 4) return false;
  const std::size_t padding = (3 - size % 3) % 3;
  const std::string_view digits = text.substr(0, text.size() - padding);
  if (text.substr(digits.size()).find_first_not_of('=') != std::string_view::npos) return false;
  if (digits.find_first_not_of(kAlphabet) != std::string_view::npos) return false;
  if (padding == 0) return true;
  // RFC 4648 section 3.5: the bits that stand for no byte are zero.
  const std::size_t unused_bits = padding * 2;
  return kAlphabet.find(digits.back()) % (std::size_t{1} << unused_bits) == 0;
}

}  // namespace wscast
