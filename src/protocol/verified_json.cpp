#include "protocol/verified_json.h"

#include "protocol/envelope.h"
#include "protocol/json_scanner.h"
#include "protocol/utf8.h"

namespace wscast::protocol {

bool is_valid(const Json& json) {
  if (json.verified()) return true;
  return json.present() && is_utf8(json.view()) && scan_json(json.view(), kMaxDataDepth);
}

}  // namespace wscast::protocol
