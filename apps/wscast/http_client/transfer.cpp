#include "http_client/transfer.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "http_client/http_url.h"
#include "logging.h"
#include "one_line.h"
#include "quantity.h"

namespace wscast::program {
namespace {

constexpr std::size_t kMaxHeadBytes = 32 * 1024;
constexpr long kCaCacheSeconds = 60;  // NOLINT(*-long): libcurl's type.

}  // namespace

Transfer::Transfer(HttpRequest request, HttpDone done, Clock::time_point now)
    : request_(std::move(request)), done_(std::move(done)), deadline_(now + request_.timeout) {}

CURL* Transfer::start(const std::string& ca_file, Clock::time_point now) {
  handle_ = std::make_unique<EasyHandle>();
  handle_->set(CURLOPT_URL, request_.url.c_str());
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - now);
  handle_->set_timeout(std::max(left, std::chrono::milliseconds(1)));  // 0 would be no limit.
  handle_->set_ca_file(ca_file);
  handle_->set(CURLOPT_CA_CACHE_TIMEOUT, kCaCacheSeconds);
  handle_->set(CURLOPT_HEADERFUNCTION, receive_header);
  handle_->set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  handle_->set(CURLOPT_WRITEFUNCTION, receive_body);
  handle_->set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  if (request_.method == HttpRequest::Method::post) set_body();
  set_headers();
  return handle_->get();
}

void Transfer::set_body() {
  handle_->set(CURLOPT_POST, 1L);
  handle_->set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  handle_->set(CURLOPT_POSTFIELDS, request_.body.c_str());
}

void Transfer::set_headers() {
  add_header("Expect:");  // Not the round trip that libcurl makes of it for long bodies.
  for (const auto& header : request_.headers) add_header(header.c_str());
  handle_->set(CURLOPT_HTTPHEADER, headers_.get());
}

void Transfer::add_header(const char* header) {
  curl_slist* longer = curl_slist_append(headers_.get(), header);
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(headers_.release());  // Part of the longer list.
  headers_.reset(longer);
}

/// Returns what libcurl expects of a callback: the size of what it passed, or another number to
/// stop.
std::size_t Transfer::receive_header(char*, std::size_t, std::size_t size, void* context) {
  auto& self = *static_cast<Transfer*>(context);
  self.head_bytes_ += size;
  if (self.head_bytes_ <= kMaxHeadBytes) return size;
  self.too_long_ = "head";
  return 0;
}

std::size_t Transfer::receive_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& self = *static_cast<Transfer*>(context);
  if (size > self.request_.max_response_bytes - self.body_.size()) {
    self.too_long_ = "body";
    return 0;
  }
  self.body_.append(data, size);
  return size;
}

void Transfer::finish(CURLcode code) {
  if (code != CURLE_OK) return fail(reason_for(code));
  complete(response());
}

std::string Transfer::reason_for(CURLcode code) const {
  if (too_long_ == nullptr) return handle_->reason_for(code);
  const bool body = too_long_ == std::string_view("body");
  return "the " + std::string(too_long_) + " of the response is over " +
         size_text(body ? request_.max_response_bytes : kMaxHeadBytes);
}

HttpResponse Transfer::response() {
  HttpResponse response{.status = handle_->status(), .body = std::move(body_)};
  curl_off_t seconds = 0;
  curl_easy_getinfo(handle_->get(), CURLINFO_RETRY_AFTER, &seconds);
  if (seconds > 0) response.retry_after = std::chrono::seconds(seconds);
  return response;
}

void Transfer::fail(std::string_view why, bool cancelled) {
  complete(
      HttpError{.what = shown_url(request_.url) + ": " + std::string(why), .cancelled = cancelled});
}

void Transfer::complete(HttpResult result) {
  try {
    std::exchange(done_, nullptr)(std::move(result));
  } catch (const std::exception& error) {  // Without memory, say; the client goes on.
    log_line(LogLevel::error, "request_result_failed",
             "the result of a request was not handled: " + one_line(error.what()));
  }
}

}  // namespace wscast::program
