#pragma once

#include <openssl/err.h>

namespace wscast::crypto {

/// Returns `good`, and clears OpenSSL's error queue, which the thread's TLS connections share.
inline bool cleared(bool good) {
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace wscast::crypto
