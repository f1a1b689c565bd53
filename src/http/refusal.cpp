#include "http/refusal.h"

namespace wscast::http {

WireResponse refuse(const Refusal& refusal) {
  ResponseHead head{.status = refusal.status};
  if (refusal.status == 405) head.headers.emplace_back("Allow", refusal.allow);
  if (refusal.status == 426) {
    head.headers.emplace_back("Upgrade", "websocket");
    head.headers.emplace_back("Sec-WebSocket-Version", "13");
  }
  if (refusal.status == 429 || refusal.status == 503) {
    head.headers.emplace_back("Retry-After", std::to_string(refusal.retry_after.count()));
  }
  std::string bytes = serialize_head(head, refusal.reason.size() + 1);
  if (!refusal.to_head) {
    bytes += refusal.reason;
    bytes += '\n';
  }
  return {refusal.status, std::move(bytes)};
}

}  // namespace wscast::http
