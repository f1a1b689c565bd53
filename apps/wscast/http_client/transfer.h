#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include <curl/curl.h>

#include "http_client/easy_handle.h"
#include "http_client/http_message.h"

namespace wscast::program {

/// One request of the HttpClient: waiting, then under way.
class Transfer {
 public:
  using Clock = std::chrono::steady_clock;

  Transfer(HttpRequest request, HttpDone done, Clock::time_point now);

  Clock::time_point deadline() const { return deadline_; }

  /// Prepares the handle of libcurl, which reads and writes this object from then on.
  CURL* start(const std::string& ca_file, Clock::time_point now);

  /// Calls `done` with the response, or with why there is none; libcurl is finished.
  void finish(CURLcode code);

  /// Calls `done` with an error.
  void fail(std::string_view why, bool cancelled = false);

 private:
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  static std::size_t receive_header(char* data, std::size_t, std::size_t size, void* context);
  static std::size_t receive_body(char* data, std::size_t, std::size_t size, void* context);

  void set_headers();
  void add_header(const char* header);
  void set_body();
  std::string reason_for(CURLcode code) const;
  HttpResponse response();
  void complete(HttpResult result);

  HttpRequest request_;
  HttpDone done_;
  Clock::time_point deadline_;
  std::unique_ptr<EasyHandle> handle_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::size_t head_bytes_ = 0;
  std::string body_;
  const char* too_long_ = nullptr;  ///< What was over its limit.
};

}  // namespace wscast::program
