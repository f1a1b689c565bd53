#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::program {

/// What is wrong with a webhook secret, without the secret; empty if nothing is. A secret is
/// `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks).
std::string webhook_secret_fault(std::string_view secret);

/// The same for a list: one secret, or two while receivers change from the second to the first.
/// Each sentence begins with `secrets: `.
std::vector<std::string> webhook_secrets_faults(std::span<const std::string> secrets);

/// Reads a file of secrets, one a line, the new one first; empty lines are ignored. Throws
/// std::runtime_error that names the file and what is wrong, without a secret.
std::vector<std::string> read_webhook_secrets(const std::filesystem::path& file);

/// Signs requests by the scheme of Standard Webhooks (https://www.standardwebhooks.com): HMAC with
/// SHA-256 over `id.timestamp.body`, version `v1`. Immutable; any thread.
class WebhookSigner {
 public:
  /// Throws std::invalid_argument that says what is wrong with the secrets.
  explicit WebhookSigner(std::span<const std::string> secrets);
  ~WebhookSigner();
  WebhookSigner(const WebhookSigner&) = delete;
  WebhookSigner& operator=(const WebhookSigner&) = delete;

  /// `v1,BASE64`, one for each secret, with a space between them. `timestamp`: Unix seconds.
  std::string signature(std::string_view id, std::int64_t timestamp, std::string_view body) const;

  /// The headers `webhook-id`, `webhook-timestamp` and `webhook-signature`.
  std::vector<std::string> headers(std::string_view id, std::int64_t timestamp,
                                   std::string_view body) const;

 private:
  std::vector<std::vector<unsigned char>> keys_;
};

}  // namespace wscast::program
