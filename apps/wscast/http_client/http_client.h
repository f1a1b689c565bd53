#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "http_client/http_message.h"

namespace wscast::program {

struct HttpClientOptions {
  std::size_t max_under_way = 16;   ///< Requests at once; others wait. At least 1.
  std::size_t max_waiting = 1'024;  ///< Requests that wait; one more fails at once.
  std::string ca_file{};  ///< PEM file of the CA that signs servers; empty: the system's CAs.

  /// Everything wrong with the options, each beginning with the field's name.
  std::vector<std::string> validate() const;
};

/// Sends HTTP requests from a thread of its own, and keeps connections open for the next ones. TLS
/// certificates are verified, redirects are responses like others, proxies of the environment are
/// ignored. The head of a response may have 32 KiB.
class HttpClient {
 public:
  /// Throws std::invalid_argument that names everything wrong with the options.
  explicit HttpClient(const HttpClientOptions& options);

  /// Cancels what is not finished: each `done` is called before this returns. Not from a `done`.
  ~HttpClient();

  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends a request as soon as fewer than max_under_way are under way. `done` is called exactly
  /// once, on the client's thread, which waits for it meanwhile; during this call if too many wait
  /// or the client has ended. Any thread, also a `done`.
  void submit(HttpRequest request, HttpDone done);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace wscast::program
