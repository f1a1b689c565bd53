#include "webhook/signed_request.h"

#include <random>
#include <utility>

namespace wscast::program {
namespace {

constexpr int kRandomDigits = 20;

/// Hex digits from the system's generator.
std::string random_digits(int count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device random;
  std::string text;
  while (count-- > 0) text += digits[random() % digits.size()];
  return text;
}

}  // namespace

HttpRequest signed_request(const std::string& url, const WebhookSigner& signer,
                           const std::string& id, std::string body,
                           std::chrono::system_clock::time_point now) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  HttpRequest request{.method = HttpRequest::Method::post, .url = url};
  request.headers = signer.headers(id, seconds, body);
  request.headers.emplace_back("Content-Type: application/json");
  request.headers.emplace_back("User-Agent: wscast");
  request.body = std::move(body);
  return request;
}

WebhookIds::WebhookIds(std::string_view prefix) : start_(prefix) {
  start_.append("_").append(random_digits(kRandomDigits)).append("_");
}

std::string WebhookIds::next() {
  return start_ + std::to_string(last_.fetch_add(1, std::memory_order_relaxed) + 1);
}

}  // namespace wscast::program
