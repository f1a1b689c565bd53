#include "refusal.h"

namespace wscast::program {
namespace {

// Closes after which the same token is refused again (protocol.md, How a connection ends).
constexpr int kAuthenticationFailed = 4003;
constexpr int kEncryptionRequired = 4004;
constexpr int kTooManyConnections = 4011;

}  // namespace

bool is_refusal(const ClientError& error) {
  const int code = error.close_code;
  if (code == kAuthenticationFailed) return error.close_reason != "Token expired";
  if (code == kEncryptionRequired || code == kTooManyConnections) return true;
  constexpr int kTooManyRequests = 429;
  const int status = error.http_status;
  return status >= 400 && status < 500 && status != kTooManyRequests;
}

}  // namespace wscast::program
