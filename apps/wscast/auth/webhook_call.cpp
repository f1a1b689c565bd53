#include "auth/webhook_call.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <utility>
#include <variant>

#include "http_client/http_url.h"
#include "logging.h"
#include "quantity.h"
#include "validated.h"
#include "webhook/signature.h"
#include "webhook/signed_request.h"

namespace wscast::program {
namespace {

using Clock = std::chrono::steady_clock;
using Change = CircuitBreaker::Change;

constexpr std::size_t kMaxResponseBytes = 64 * 1024;

}  // namespace

std::vector<std::string> WebhookAuthOptions::validate() const {
  constexpr std::chrono::minutes longest{1};
  std::vector<std::string> faults = webhook_secrets_faults(secrets);
  if (!is_http_url(url, UrlUser::allowed)) {
    faults.emplace_back(
        "url: must begin with https:// or http:// and be a URL without a fragment.");
  }
  if (timeout < std::chrono::milliseconds(1) || timeout > longest) {
    faults.emplace_back("timeout: must be 1ms to 1m.");
  }
  for (const auto& fault : breaker.validate()) faults.push_back("breaker." + fault);
  return faults;
}

struct WebhookCall::State {
  State(std::string name, const WebhookAuthOptions& given)
      : what(std::move(name)),
        options(given),
        signer(given.secrets),
        shown(shown_url(given.url)),
        breaker(given.breaker) {}

  bool allow() {
    const std::lock_guard lock(mutex);
    return breaker.allow(Clock::now());
  }

  void succeeded() {
    const std::lock_guard lock(mutex);
    if (breaker.succeeded() != Change::closed) return;
    log_line(LogLevel::info, "auth_webhook_recovered", what + ": " + shown + " works again");
  }

  void abandoned() {
    const std::lock_guard lock(mutex);
    breaker.abandoned();
  }

  void failed(const std::string& why) {
    log_line(LogLevel::debug, "auth_webhook_failed", what + ": " + why);
    const std::lock_guard lock(mutex);
    if (breaker.failed(Clock::now()) != Change::opened) return;
    log_line(LogLevel::warning, "auth_webhook_suspended",
             what + ": " + std::to_string(options.breaker.failures) +
                 " failures in a row, no requests for " + duration_text(options.breaker.open_for) +
                 ": " + why);
  }

  /// Returns why there is no decision; empty if `read` reported one.
  std::string handle(const HttpResult& result, const Read& read) {
    if (const auto* error = std::get_if<HttpError>(&result)) {
      if (error->cancelled) {
        abandoned();
      } else {
        failed(error->what);
      }
      return error->what;
    }
    const std::string fault = read(std::get<HttpResponse>(result));
    if (fault.empty()) {
      succeeded();
      return "";
    }
    std::string why = shown + ": " + fault;
    failed(why);
    return why;
  }

  const std::string what;
  const WebhookAuthOptions options;
  const WebhookSigner signer;
  const std::string shown;
  WebhookIds ids{"msg"};
  std::atomic<std::uint64_t> failures{0};
  std::mutex mutex;
  CircuitBreaker breaker;
};

WebhookCall::WebhookCall(HttpClient& client, std::string what, const WebhookAuthOptions& options)
    : client_(client), state_(std::make_shared<State>(std::move(what), validated(options))) {}

WebhookCall::~WebhookCall() = default;

void WebhookCall::post(std::string body, Read read, Failed failed) {
  if (!state_->allow()) {
    ++state_->failures;
    return failed(state_->shown + ": not asked, it failed several times in a row");
  }
  HttpRequest request = signed_request(state_->options.url, state_->signer, state_->ids.next(),
                                       std::move(body), std::chrono::system_clock::now());
  request.timeout = state_->options.timeout;
  request.max_response_bytes = kMaxResponseBytes;
  client_.submit(std::move(request), [state = state_, read = std::move(read),
                                      failed = std::move(failed)](const HttpResult& result) {
    const std::string why = state->handle(result, read);
    if (why.empty()) return;
    ++state->failures;
    failed(why);
  });
}

std::uint64_t WebhookCall::failures() const {
  return state_->failures;
}

}  // namespace wscast::program
