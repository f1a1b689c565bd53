#include "health.h"

#include <cstddef>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string_view>

#include <CLI/CLI.hpp>
#include <curl/curl.h>

#include "exit_code.h"
#include "flags.h"
#include "http_client/easy_handle.h"
#include "http_client/http_url.h"
#include "one_line.h"

namespace wscast::program {
namespace {

constexpr std::size_t kMaxResponseBytes = 64 * 1024;

/// Where to send the request.
struct Address {
  std::string url;
  std::string socket_path;  ///< Empty: TCP, to the host of `url`.
};

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
  Address address = unix_address(text).value_or(Address{.url = text, .socket_path = {}});
  if (!is_http_url(address.url, UrlUser::refused) || one_line(text) != text) {
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
  Request(const Address& address, std::chrono::milliseconds timeout, const std::string& ca_file) {
    handle_.set(CURLOPT_URL, address.url.c_str());
    if (!address.socket_path.empty()) {
      handle_.set(CURLOPT_UNIX_SOCKET_PATH, address.socket_path.c_str());
    }
    handle_.set_timeout(timeout);
    handle_.set_ca_file(ca_file);
    handle_.set(CURLOPT_PATH_AS_IS, 1L);
    handle_.set(CURLOPT_FORBID_REUSE, 1L);
    handle_.set(CURLOPT_HEADERFUNCTION, receive_header);
    handle_.set(CURLOPT_WRITEFUNCTION, receive_body);
  }

  Response run() {
    Response response;
    handle_.set(CURLOPT_HEADERDATA, static_cast<void*>(&response));
    handle_.set(CURLOPT_WRITEDATA, static_cast<void*>(&response));
    const CURLcode result = curl_easy_perform(handle_.get());
    const bool cut = response.bytes > kMaxResponseBytes;  // What came is enough.
    if (result != CURLE_OK && !cut) throw std::runtime_error(handle_.reason_for(result));
    if (!response.head_is_complete) throw std::runtime_error("no HTTP response");
    return response;
  }

  int status() const { return handle_.status(); }

 private:
  EasyHandle handle_;
};

/// The first line of the body, or the status line when there is none.
std::string_view summary_of(const Response& response) {
  const std::string_view body = response.body;
  return body.empty() ? response.status_line : body.substr(0, body.find('\n'));
}

int not_healthy(const std::string& url, std::string_view why) {
  std::cerr << "wscast: " << one_line(url + ": " + std::string(why)) << std::endl;
  return kFailed;
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
    return kDone;
  } catch (const std::runtime_error& error) {
    return not_healthy(arguments.url, error.what());
  }
}

}  // namespace wscast::program
