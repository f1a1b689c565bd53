#include "client/deflate_codec.h"

namespace wscast::client {
namespace {

constexpr int kLevel = 6;
constexpr int kMemoryLevel = 8;
constexpr std::size_t kMostGrowth = 64;  // Of what cannot become smaller, beside 1 in 1,024 bytes.

}  // namespace

std::optional<std::string> DeflateCodec::compress(const ws::DeflateAgreement& agreement,
                                                  std::string_view message) {
  const std::uint8_t bits = agreement.client_window_bits;
  if (bits < ws::kMinWindowBits) return std::nullopt;
  auto& deflater = deflaters_[bits];
  if (!deflater) deflater = std::make_unique<ws::Deflater>(bits, kLevel, kMemoryLevel);
  const auto payload =
      deflater->deflate({reinterpret_cast<const std::uint8_t*>(message.data()), message.size()},
                        message.size() + message.size() / 1024 + kMostGrowth);
  if (!payload) return std::nullopt;
  return std::string(payload->begin(), payload->end());
}

}  // namespace wscast::client
