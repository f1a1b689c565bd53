#include "http_client/easy_handle.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "one_line.h"

namespace wscast::program {
namespace {

constexpr std::chrono::hours kMaxTimeout{24};  // libcurl keeps milliseconds in 32 bits.

}  // namespace

EasyHandle::EasyHandle()
    : handle_(curl_easy_init(), curl_easy_cleanup),
      details_(std::make_unique<std::array<char, CURL_ERROR_SIZE>>()) {
  if (handle_ == nullptr) throw std::bad_alloc();
  set(CURLOPT_ERRORBUFFER, details_->data());
  set(CURLOPT_QUICK_EXIT, 1L);  // Do not wait for a resolver that hangs.
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");  // Nor one of the environment.
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));  // NOLINT(*-long)
  set(CURLOPT_FOLLOWLOCATION, 0L);
}

void EasyHandle::set_timeout(std::chrono::milliseconds timeout) {
  const auto longest = static_cast<long>(  // NOLINT(*-long): libcurl's type.
      std::min<std::chrono::milliseconds>(timeout, kMaxTimeout).count());
  set(CURLOPT_TIMEOUT_MS, longest);
  set(CURLOPT_CONNECTTIMEOUT_MS, longest);
}

void EasyHandle::set_ca_file(const std::string& ca_file) {
  if (!ca_file.empty()) set(CURLOPT_CAINFO, ca_file.c_str());
}

int EasyHandle::status() const {
  long code = 0;  // NOLINT(*-long)
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &code);
  return static_cast<int>(code);
}

std::string EasyHandle::reason_for(CURLcode code) const {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "the host name cannot be resolved";
    case CURLE_OPERATION_TIMEDOUT:
      return std::generic_category().message(ETIMEDOUT);
    case CURLE_PARTIAL_FILE:
      return "the response was truncated";
    case CURLE_OUT_OF_MEMORY:  // Also for a header line of over 100 KiB.
    case CURLE_GOT_NOTHING:
    case CURLE_UNSUPPORTED_PROTOCOL:  // Without a status line it is HTTP/0.9 to libcurl.
    case CURLE_WEIRD_SERVER_REPLY:
      return "no HTTP response";
    case CURLE_PEER_FAILED_VERIFICATION:  // Which fault of the certificate is in the details only.
    case CURLE_SSL_CACERT_BADFILE:
      if (details_->front() != '\0') return one_line(details_->data());
      break;
    default:
      break;
  }
  long error = 0;  // NOLINT(*-long)
  curl_easy_getinfo(handle_.get(), CURLINFO_OS_ERRNO, &error);
  return error == 0 ? curl_easy_strerror(code)
                    : std::generic_category().message(static_cast<int>(error));
}

}  // namespace wscast::program
