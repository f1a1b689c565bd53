#include "broker/redis/discovery/cluster_slots.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "broker/redis/discovery/cluster_nodes.h"

namespace wscast::redis {
namespace {

/// CRC16 as XMODEM has it (redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec).
std::uint16_t crc16(std::string_view text) {
  std::uint32_t crc = 0;
  for (const char c : text) {
    crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 8;
    for (int bit = 0; bit < 8; ++bit) {
      crc <<= 1;
      if ((crc & 0x10000) != 0) crc ^= 0x11021;
    }
  }
  return static_cast<std::uint16_t>(crc);
}

bool is_slot(std::int64_t number) {
  return number >= 0 && number < static_cast<std::int64_t>(kClusterSlots);
}

}  // namespace

std::uint16_t key_slot(std::string_view key) {
  const auto begin = key.find('{');
  const auto end = begin == std::string_view::npos ? begin : key.find('}', begin + 1);
  if (end != std::string_view::npos && end > begin + 1)
    key = key.substr(begin + 1, end - begin - 1);
  return crc16(key) % kClusterSlots;
}

void SlotMap::set(const RespValue& reply, const Host& asked, bool tls) {
  if (reply.kind != RespValue::Kind::array || reply.elements.empty()) return;
  masters_.clear();
  numbers_.assign(kClusterSlots, 0);
  for (const RespValue& range : reply.elements) {
    if (range.elements.size() < 3) continue;
    const std::int64_t first = range.elements[0].integer;
    const std::int64_t last = range.elements[1].integer;
    const auto master = cluster_node(range.elements[2], asked, tls);
    if (!master || !is_slot(first) || !is_slot(last) || first > last) continue;
    if (masters_.size() >= kMaxClusterNodes && !is_master(*master)) continue;
    std::fill(numbers_.begin() + first, numbers_.begin() + last + 1, number_of(*master));
  }
}

void SlotMap::move(std::uint16_t slot, const Host& master) {
  if (slot >= numbers_.size()) return;
  if (masters_.size() >= kMaxClusterNodes && !is_master(master)) return;
  numbers_[slot] = number_of(master);
}

std::optional<Host> SlotMap::master(std::uint16_t slot) const {
  if (slot >= numbers_.size() || numbers_[slot] == 0) return std::nullopt;
  return masters_[numbers_[slot] - 1U];
}

bool SlotMap::is_master(const Host& host) const {
  return std::ranges::find(masters_, host) != masters_.end();
}

std::uint16_t SlotMap::number_of(const Host& host) {
  const auto at = std::ranges::find(masters_, host);
  const auto index = at - masters_.begin();
  if (at == masters_.end()) masters_.push_back(host);
  return static_cast<std::uint16_t>(index + 1);
}

std::optional<Redirection> parse_redirection(std::string_view error, const Host& asked) {
  const bool ask = error.starts_with("ASK ");
  if (!ask && !error.starts_with("MOVED ")) return std::nullopt;
  const auto address = error.substr(error.rfind(' ') + 1);
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto name = address.substr(0, colon);
  const auto digits = address.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [stop, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (fault != std::errc() || stop != digits.data() + digits.size() || port == 0)
    return std::nullopt;
  return Redirection{ask, {name.empty() || name == "?" ? asked.name : std::string(name), port}};
}

}  // namespace wscast::redis
