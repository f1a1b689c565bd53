#include "crypto/key_agreement.h"

#include <array>
#include <exception>
#include <span>
#include <string>

#include "base/base64.h"
#include "base/log.h"
#include "crypto/hkdf.h"

namespace wscast::crypto {
namespace {

constexpr std::string_view kInfoToServer = "wscast-c2s-v1";
constexpr std::size_t kSaltBytes = 32;

void report(std::string_view cause) {
  log(LogLevel::error, "key_agreement_failed", "no keys for a client: " + std::string(cause));
}

std::span<const std::uint8_t> octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::optional<Agreement> KeyAgreement::agree(std::string_view client_public_key) noexcept try {
  Point point;
  if (base64_decode(client_public_key, point) != point.size()) return std::nullopt;
  const Pkey peer = curve_.import_point(point);
  if (peer == nullptr) return std::nullopt;
  const Pkey own = curve_.generate();
  const auto own_point = own == nullptr ? std::nullopt : P256::point_of(own);
  const auto shared = own == nullptr ? std::nullopt : P256::agree(own, peer);
  std::array<std::uint8_t, kSaltBytes> salt;
  random_.fill(salt);
  Agreement agreement;
  const bool good =
      own_point && shared &&
      hkdf_sha256(shared->bytes(), salt, octets(info_), agreement.to_client.bytes()) &&
      hkdf_sha256(shared->bytes(), salt, octets(kInfoToServer), agreement.to_server.bytes());
  if (!good) {
    report("OpenSSL failed");
    return std::nullopt;
  }
  agreement.server_public_key = base64_encode(*own_point);
  agreement.salt = base64_encode(salt);
  return agreement;
} catch (const std::exception& failure) {
  report(failure.what());
  return std::nullopt;
}

}  // namespace wscast::crypto
