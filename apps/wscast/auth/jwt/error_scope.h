#pragma once

#include <openssl/err.h>

namespace wscast::program {

/// Takes what OpenSSL reports while this lives off the thread's error queue again: it would be
/// mistaken for an error of the next TLS connection.
class ErrorScope {
 public:
  ErrorScope() { ERR_set_mark(); }
  ~ErrorScope() { ERR_pop_to_mark(); }
  ErrorScope(const ErrorScope&) = delete;
  ErrorScope& operator=(const ErrorScope&) = delete;
};

}  // namespace wscast::program
