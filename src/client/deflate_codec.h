#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ws/deflater.h"
#include "ws/inflater.h"
#include "ws/permessage_deflate.h"

namespace wscast::client {

/// The contexts of permessage-deflate (RFC 7692), for any number of client connections, since none
/// keeps a context. One thread at a time.
class DeflateCodec {
 public:
  ws::Inflater& inflater() { return inflater_; }

  /// Returns the payload of the frame, with RSV1 set, that carries `message` on a connection with
  /// that agreement. zlib cannot compress within the smallest window, of 8 bits; the message must
  /// then be sent as it is: `std::nullopt`.
  std::optional<std::string> compress(const ws::DeflateAgreement& agreement,
                                      std::string_view message);

 private:
  ws::Inflater inflater_;
  std::array<std::unique_ptr<ws::Deflater>, ws::kMaxWindowBits + 1> deflaters_;
};

}  // namespace wscast::client
