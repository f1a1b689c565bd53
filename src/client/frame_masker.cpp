#include "client/frame_masker.h"

#include <algorithm>
#include <span>

#include "ws/mask.h"

namespace wscast::client {

void FrameMasker::append(std::string& out, ws::FrameHeader header, std::string_view payload) {
  header.payload_size = payload.size();
  header.masked = true;
  header.mask = next_key();
  std::array<std::uint8_t, ws::kMaxHeaderBytes> head;
  const std::size_t head_size = ws::encode(header, head);
  out.append(reinterpret_cast<const char*>(head.data()), head_size).append(payload);
  auto* masked = reinterpret_cast<std::uint8_t*>(out.data() + out.size() - payload.size());
  ws::apply_mask({masked, payload.size()}, header.mask, 0);
}

ws::MaskKey FrameMasker::next_key() {
  if (pool_at_ == pool_.size()) {
    random_.fill(pool_);
    pool_at_ = 0;
  }
  ws::MaskKey key;
  std::copy_n(pool_.begin() + static_cast<std::ptrdiff_t>(pool_at_), key.size(), key.begin());
  pool_at_ += key.size();
  return key;
}

}  // namespace wscast::client
