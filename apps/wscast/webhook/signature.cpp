#include "webhook/signature.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <new>
#include <optional>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "wscast/option_faults.h"

namespace wscast::program {
namespace {

using Bytes = std::vector<unsigned char>;

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kMinKeyBytes = 24;
constexpr std::size_t kMaxKeyBytes = 64;
constexpr std::size_t kMaxSecrets = 2;
constexpr std::size_t kMaxFileBytes = 4'096;

std::string encode(std::span<const unsigned char> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // One for OpenSSL's terminating NUL.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

/// The canonical form only: OpenSSL's decoder ignores spaces around a text, and unused bits.
std::optional<Bytes> decode(std::string_view text) {
  const auto padding = static_cast<std::size_t>(std::ranges::count(text, '='));
  if (text.size() % 4 != 0 || padding > 2) return std::nullopt;
  Bytes bytes(text.size() / 4 * 3);
  if (EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size())) < 0) {
    return std::nullopt;
  }
  bytes.resize(bytes.size() - padding);
  if (encode(bytes) != text) return std::nullopt;
  return bytes;
}

void wipe(Bytes& bytes) {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

std::string sign(const Bytes& key, const std::string& content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data(),
           &size) == nullptr) {
    throw std::bad_alloc();
  }
  return "v1," + encode({digest.data(), size});
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t begin = std::min(line.find_first_not_of(blanks), line.size());
  line.remove_prefix(begin);
  return line.substr(0, line.find_last_not_of(blanks) + 1);
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error(file.string() + ": " + why);
}

}  // namespace

std::string webhook_secret_fault(std::string_view secret) {
  if (!secret.starts_with(kPrefix)) return "a webhook secret must begin with whsec_";
  auto key = decode(secret.substr(kPrefix.size()));
  if (!key) return "a webhook secret must be padded base64 after whsec_";
  const std::size_t size = key->size();
  wipe(*key);
  if (size >= kMinKeyBytes && size <= kMaxKeyBytes) return "";
  return "a webhook secret must have 24 to 64 bytes, this one has " + std::to_string(size);
}

std::vector<std::string> webhook_secrets_faults(std::span<const std::string> secrets) {
  std::vector<std::string> faults;
  if (secrets.empty()) faults.emplace_back("secrets: there must be one.");
  if (secrets.size() > kMaxSecrets) faults.emplace_back("secrets: there may be two at most.");
  for (const auto& secret : secrets) {
    const std::string fault = webhook_secret_fault(secret);
    if (!fault.empty()) faults.push_back("secrets: " + fault + ".");
  }
  return faults;
}

std::vector<std::string> read_webhook_secrets(const std::filesystem::path& file) {
  std::ifstream stream(file);
  // A directory can be opened, but not read.
  if (!stream || std::filesystem::is_directory(file)) refuse(file, "cannot be read");
  std::vector<std::string> secrets;
  std::size_t bytes = 0;
  for (std::string line; std::getline(stream, line);) {
    bytes += line.size();
    if (bytes > kMaxFileBytes) refuse(file, "is too long for webhook secrets");
    const std::string_view secret = trimmed(line);
    if (!secret.empty()) secrets.emplace_back(secret);
  }
  if (secrets.empty()) refuse(file, "has no webhook secret");
  if (secrets.size() > kMaxSecrets) refuse(file, "has more than two webhook secrets");
  for (const auto& secret : secrets) {
    const std::string fault = webhook_secret_fault(secret);
    if (!fault.empty()) refuse(file, fault);
  }
  return secrets;
}

WebhookSigner::WebhookSigner(std::span<const std::string> secrets) {
  const std::string faults = joined_faults(webhook_secrets_faults(secrets));
  if (!faults.empty()) throw std::invalid_argument(faults);
  for (const std::string_view secret : secrets) {
    keys_.push_back(*decode(secret.substr(kPrefix.size())));
  }
}

WebhookSigner::~WebhookSigner() {
  std::ranges::for_each(keys_, wipe);
}

std::string WebhookSigner::signature(std::string_view id, std::int64_t timestamp,
                                     std::string_view body) const {
  std::string content(id);
  content.append(".").append(std::to_string(timestamp)).append(".").append(body);
  std::string signatures;
  for (const auto& key : keys_) {
    signatures.append(signatures.empty() ? "" : " ").append(sign(key, content));
  }
  return signatures;
}

std::vector<std::string> WebhookSigner::headers(std::string_view id, std::int64_t timestamp,
                                                std::string_view body) const {
  return {"webhook-id: " + std::string(id), "webhook-timestamp: " + std::to_string(timestamp),
          "webhook-signature: " + signature(id, timestamp, body)};
}

}  // namespace wscast::program
