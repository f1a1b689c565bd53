#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http_client/http_message.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

class HttpClient;

/// How a command reaches the HTTP API of a server.
struct ApiAccess {
  std::string url{};
  std::string key{};
  std::string key_file{};  ///< Goes before `key`.
  std::string ca_file{};  ///< Of the CA that must have signed the certificate; empty: the system's.
  std::chrono::milliseconds timeout{10'000};
};

/// Adds the URL, as what stands alone, and the flags; `access` must outlive the parsing.
void add_api_url(CLI::App& app, ApiAccess& access);
void add_api_flags(CLI::App& app, ApiAccess& access);

/// Makes calls of the HTTP API, one after another.
class ApiClient {
 public:
  /// Throws what says why `access` cannot be used by `command`.
  ApiClient(const ApiAccess& access, std::string_view command);
  ~ApiClient();

  /// `path` begins with `/api/`.
  HttpResult get(std::string_view path) { return call(HttpRequest::Method::get, path, {}); }

  /// `body`: JSON; empty: none.
  HttpResult post(std::string_view path, std::string body = {}) {
    return call(HttpRequest::Method::post, path, std::move(body));
  }

 private:
  HttpResult call(HttpRequest::Method method, std::string_view path, std::string body);

  const std::string url_;
  const std::string authorization_;
  const std::chrono::milliseconds timeout_;
  const std::unique_ptr<HttpClient> client_;
};

/// What a response that is not good says, for people: what RFC 9457 has as `detail`.
std::string reason_in(const HttpResponse& response);

/// Prints why a command failed. Returns `code`.
int fail(const std::string& why, int code);

}  // namespace wscast::program
