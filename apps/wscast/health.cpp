#include "health.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iostream>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <CLI/CLI.hpp>
#include <curl/curl.h>

#include "flags.h"
#include "logging.h"

namespace wscast::program {
namespace {

constexpr int kHealthy = 0;
constexpr int kUnhealthy = 1;
constexpr std::chrono::hours kMaxTimeout{24};  // libcurl keeps milliseconds in 32 bits.
constexpr std::size_t kMaxResponseBytes = 64 * 1024;

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

/// Where to send the request.
struct Address {
  std::string url;
  std::string socket_path;  ///< Empty: TCP, to the host of `url`.
};

/// Whether `text` is an http:// or https:// URL without user, password and fragment.
bool is_http_url(const std::string& text) {
  const std::string_view scheme = text.starts_with("https://") ? "https://" : "http://";
  // libcurl also accepts one slash, or three.
  if (!text.starts_with(scheme) || text.substr(scheme.size()).starts_with('/')) return false;
  if (text.find('#') != std::string::npos || one_line(text) != text) return false;
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
  return url != nullptr &&
         curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) == CURLUE_OK;
}

/// Reads `http+unix:/PATH/OF/SOCKET[:/PATH]`.
std::optional<Address> unix_address(std::string_view text) {
  constexpr std::string_view scheme = "http+unix:";
  if (!text.starts_with(scheme)) return std::nullopt;
  text.remove_prefix(scheme.size());
  const std::string_view path = text.substr(0, text.find(':'));
  const std::string_view target = path.size() == text.size() ? "/" : text.substr(path.size() + 1);
  if (!path.starts_with('/') || !target.starts_with('/')) return std::nullopt;
  return Address{.url = "http://localhost" + std::string(target), .socket_path = std::string(path)};
}

Address address_of(const std::string& text) {
  const Address address = unix_address(text).value_or(Address{.url = text, .socket_path = {}});
  if (!is_http_url(address.url) || one_line(text) != text) {
    throw std::invalid_argument("--url: \"" + text +
                                "\" is not a URL such as http://127.0.0.1:8080/health");
  }
  return address;
}

/// A response of the server, up to kMaxResponseBytes.
struct Response {
  std::string status_line;
  bool head_is_complete = false;
  std::string body;
  std::size_t bytes = 0;
};

/// Returns what libcurl expects of a callback: the size of what it passed, or another number to
/// stop.
std::size_t count(Response& response, std::size_t bytes) {
  response.bytes += bytes;
  return response.bytes > kMaxResponseBytes ? 0 : bytes;
}

std::size_t receive_header(char* data, std::size_t, std::size_t size, void* context) {
  auto& response = *static_cast<Response*>(context);
  std::string_view line(data, size);
  line = line.substr(0, line.find_last_not_of("\r\n") + 1);
  if (line.starts_with("HTTP/")) {  // 1xx responses come first; the last one counts.
    response.status_line = line;
    response.head_is_complete = false;
  }
  if (line.empty()) response.head_is_complete = true;
  return count(response, size);
}

std::size_t receive_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& response = *static_cast<Response*>(context);
  response.body.append(data, size);
  return count(response, size);
}

/// One HTTP request. run() throws std::runtime_error that says why there is no response.
class Request {
 public:
  Request(const Address& address, std::chrono::milliseconds timeout, const std::string& ca_file)
      : handle_(curl_easy_init(), curl_easy_cleanup) {
    if (handle_ == nullptr) throw std::bad_alloc();
    const auto longest = static_cast<long>(
        std::min<std::chrono::milliseconds>(timeout, kMaxTimeout).count());  // NOLINT(*-long)
    set(CURLOPT_URL, address.url.c_str());
    if (!address.socket_path.empty()) {
      set(CURLOPT_UNIX_SOCKET_PATH, address.socket_path.c_str());
    }
    // The limit covers resolving the name, connecting to each address, and the response.
    set(CURLOPT_TIMEOUT_MS, longest);
    set(CURLOPT_CONNECTTIMEOUT_MS, longest);
    set(CURLOPT_QUICK_EXIT, 1L);  // Do not wait for a resolver that hangs.
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, "");  // Nor one of the environment.
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    if (!ca_file.empty()) set(CURLOPT_CAINFO, ca_file.c_str());
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_HEADERFUNCTION, receive_header);
    set(CURLOPT_WRITEFUNCTION, receive_body);
  }

  Response run() {
    Response response;
    set(CURLOPT_HEADERDATA, static_cast<void*>(&response));
    set(CURLOPT_WRITEDATA, static_cast<void*>(&response));
    const CURLcode result = curl_easy_perform(handle_.get());
    const bool cut = response.bytes > kMaxResponseBytes;  // What came is enough.
    if (result != CURLE_OK && !cut) throw std::runtime_error(reason_for(result));
    if (!response.head_is_complete) throw std::runtime_error("no HTTP response");
    return response;
  }

  long status() const {  // NOLINT(*-long): libcurl's type.
    long code = 0;       // NOLINT(*-long)
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &code);
    return code;
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(handle_.get(), option, value) != CURLE_OK) throw std::bad_alloc();
  }

  std::string reason_for(CURLcode code) const {
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
      default:
        break;
    }
    long error = 0;  // NOLINT(*-long)
    curl_easy_getinfo(handle_.get(), CURLINFO_OS_ERRNO, &error);
    return error == 0 ? curl_easy_strerror(code)
                      : std::generic_category().message(static_cast<int>(error));
  }

  Handle handle_;
};

/// The first line of the body, or the status line when there is none.
std::string_view summary_of(const Response& response) {
  const std::string_view body = response.body;
  return body.empty() ? response.status_line : body.substr(0, body.find('\n'));
}

int not_healthy(const std::string& url, std::string_view why) {
  std::cerr << "wscast: " << one_line(url + ": " + std::string(why)) << std::endl;
  return kUnhealthy;
}

}  // namespace

void add_health_flags(CLI::App& app, HealthArguments& arguments) {
  Flags flags(app, "Options");
  flags.text("--url", arguments.url, "URL",
             "Where to send the request: http://HOST:PORT/PATH, https://HOST:PORT/PATH or "
             "http+unix:/PATH/OF/SOCKET:/PATH");
  app.get_option("--url")->envname("WSCAST_HEALTH_URL");
  flags.text("--ca-file", arguments.ca_file, "FILE",
             "PEM file of the CA that must have signed the certificate of an https:// URL; none: "
             "those that the system trusts");
  flags.duration("--timeout", arguments.timeout,
                 "How long the request may take, resolving the host name included", kPositive);
}

int health(const HealthArguments& arguments) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Request request(address_of(arguments.url), arguments.timeout, arguments.ca_file);
  try {
    const Response response = request.run();
    if (request.status() != 200) return not_healthy(arguments.url, summary_of(response));
    std::cout << one_line(summary_of(response)) << std::endl;
    return kHealthy;
  } catch (const std::runtime_error& error) {
    return not_healthy(arguments.url, error.what());
  }
}

}  // namespace wscast::program
