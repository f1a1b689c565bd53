#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace wscast::program {

struct HttpRequest {
  enum class Method : std::uint8_t { get, post };

  Method method = Method::get;
  std::string url;                           ///< http or https; a user and password in it are sent.
  std::vector<std::string> headers{};        ///< `name: value`, valid for HTTP.
  std::string body{};                        ///< Of a POST.
  std::chrono::milliseconds timeout{5'000};  ///< From submit() to the end of the response.
  std::size_t max_response_bytes = 64 * 1024;  ///< Of its body.
};

struct HttpResponse {
  int status = 0;
  std::string body{};
  std::optional<std::chrono::seconds> retry_after{};  ///< From `Retry-After`, not negative.
};

/// There is no response, or not all of it.
struct HttpError {
  std::string what{};      ///< One sentence: the URL, without its secrets, and why.
  bool cancelled = false;  ///< The client has ended; it says nothing about the other side.
};

using HttpResult = std::variant<HttpResponse, HttpError>;

/// Receives the result of one request. What it throws is logged.
using HttpDone = std::function<void(HttpResult)>;

}  // namespace wscast::program
