#include "session/encrypted_channel.h"

#include <algorithm>
#include <array>
#include <exception>
#include <span>

#include "base/base64.h"
#include "base/log.h"
#include "protocol/json_scanner.h"
#include "protocol/json_string.h"

namespace wscast::session {
namespace {

constexpr std::string_view kBeforeIv = R"({"event":"encrypted","data":{"iv":")";
constexpr std::string_view kBeforeText = R"(","ct":")";
constexpr std::string_view kBehind = R"("}})";
constexpr std::size_t kMaxSealBytes = std::size_t{1} << 30;  // base64 of OpenSSL counts in int.
constexpr std::size_t kScratchKept = 64 * 1024;
constexpr std::size_t kFixedIvBytes = 4;

/// The members `names` of an object, unescaped; `std::nullopt` for any that is no string.
template <std::size_t Count>
std::array<std::optional<std::string>, Count> strings_of(
    std::string_view object, const std::array<std::string_view, Count>& names) {
  std::array<std::optional<std::string>, Count> strings;
  std::array<std::optional<protocol::JsonValue>, Count> values;
  if (protocol::scan_object(object, names, values) != protocol::ObjectScan::object) return strings;
  for (std::size_t i = 0; i < Count; ++i) {
    if (values[i] && values[i]->kind == protocol::JsonKind::string) {
      strings[i] = protocol::decode_json_string(values[i]->text);
    }
  }
  return strings;
}

char* write(char* out, std::string_view text) {
  return std::ranges::copy(text, out).out;
}

/// Frees a buffer that a large message made large.
void release(std::vector<std::uint8_t>& scratch) {
  if (scratch.capacity() > kScratchKept) std::vector<std::uint8_t>().swap(scratch);
}

}  // namespace

std::optional<crypto::Agreement> ChannelContext::agree(std::string_view data) {
  const auto [key] = strings_of<1>(data, {"publicKey"});
  return key ? agreement_.agree(*key) : std::nullopt;
}

EncryptedChannel::EncryptedChannel(ChannelContext& context, const crypto::Agreement& agreement)
    : context_(context), sealer_(agreement.to_client), opener_(agreement.to_server) {}

ws::FrameRef EncryptedChannel::seal(const ws::FrameRef& plain) noexcept try {
  const auto payload = plain.bytes().last(plain.payload_size());
  if (payload.size() > kMaxSealBytes) return {};
  std::vector<std::uint8_t>& sealed = context_.scratch_;
  sealed.resize(payload.size() + crypto::kTagBytes);
  const crypto::Iv iv = context_.ivs_.next();
  if (!sealer_.get(context_.sealer_).seal(iv, payload, sealed)) return {};
  ws::FrameBuilder frame(ws::Opcode::text, kBeforeIv.size() + base64_size(iv.size()) +
                                               kBeforeText.size() + base64_size(sealed.size()) +
                                               kBehind.size());
  char* out = write(frame.payload().data(), kBeforeIv);
  out = write(base64_write(out, iv), kBeforeText);
  write(base64_write(out, sealed), kBehind);
  release(sealed);
  return std::move(frame).finish();
} catch (const std::exception& failure) {
  log(LogLevel::error, "encryption_failed",
      std::string("a message was not encrypted: ") + failure.what());
  return {};
}

std::optional<std::string> EncryptedChannel::open(std::string_view data) {
  auto opened = decrypt(data);
  if (!opened) return std::nullopt;
  last_iv_ = opened->iv;
  return std::move(opened->plain);
}

std::optional<std::string> EncryptedChannel::peek(std::string_view data) {
  auto opened = decrypt(data);
  if (!opened) return std::nullopt;
  return std::move(opened->plain);
}

std::optional<EncryptedChannel::Opened> EncryptedChannel::decrypt(std::string_view data) {
  const auto [iv_text, text] = strings_of<2>(data, {"iv", "ct"});
  crypto::Iv iv;
  if (!iv_text || !text || base64_decode(*iv_text, iv) != iv.size()) return std::nullopt;
  if (!follows(iv)) return std::nullopt;
  std::vector<std::uint8_t>& sealed = context_.scratch_;
  sealed.resize(text->size() / 4 * 3);
  const auto size = base64_decode(*text, sealed);
  if (!size || *size < crypto::kTagBytes) return std::nullopt;
  std::string plain(*size - crypto::kTagBytes, '\0');
  const bool good = opener_.get(context_.opener_)
                        .open(iv, std::span(sealed).first(*size),
                              {reinterpret_cast<std::uint8_t*>(plain.data()), plain.size()});
  release(sealed);
  if (!good) return std::nullopt;
  return Opened{std::move(plain), iv};
}

void EncryptedChannel::rest() noexcept {
  sealer_.rest();
  opener_.rest();
}

/// The first four bytes are fixed, and the big-endian counter after them grows.
bool EncryptedChannel::follows(const crypto::Iv& iv) const {
  if (!last_iv_) return true;
  return std::equal(iv.begin(), iv.begin() + kFixedIvBytes, last_iv_->begin()) && iv > *last_iv_;
}

}  // namespace wscast::session
