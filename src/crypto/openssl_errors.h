#pragma once

#include <openssl/err.h>

namespace wscast::crypto {

/// Answers `good`, and leaves nothing in OpenSSL's queue of errors, which a thread's TLS shares.
inline bool cleared(bool good) {
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace wscast::crypto
