#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <new>
#include <string>

#include <curl/curl.h>

namespace wscast::program {

/// One request of libcurl, with what all requests of the program have in common: http and https
/// only, HTTP/1.1, certificates are verified, redirects are not followed, proxies of the
/// environment are ignored, no signals. One thread at a time. Throws std::bad_alloc.
class EasyHandle {
 public:
  EasyHandle();

  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(handle_.get(), option, value) != CURLE_OK) throw std::bad_alloc();
  }

  /// Limits the whole: resolving the name, connecting to each address, and the response. At most
  /// 24 hours.
  void set_timeout(std::chrono::milliseconds timeout);

  /// The CA that must have signed the server's certificate, a PEM file; empty: the system's.
  void set_ca_file(const std::string& ca_file);

  /// 0 without a response.
  int status() const;

  /// Why there is no response, in a few words, after libcurl returned `code`.
  std::string reason_for(CURLcode code) const;

  CURL* get() const { return handle_.get(); }

 private:
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  // In a place of its own: libcurl keeps its address.
  std::unique_ptr<std::array<char, CURL_ERROR_SIZE>> details_;
};

}  // namespace wscast::program
