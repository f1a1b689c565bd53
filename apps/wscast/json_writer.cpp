#include "json_writer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include <nlohmann/json.hpp>

namespace wscast::program {
namespace {

bool stays_as_it_is(char c) {
  return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

}  // namespace

std::string json_string(std::string_view text) {
  using nlohmann::json;
  // Most texts are ids and names: a hook that formats an event should cost little.
  if (std::ranges::all_of(text, stays_as_it_is)) return '"' + std::string(text) + '"';
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string utc_text(std::chrono::system_clock::time_point time) {
  using std::chrono::milliseconds;
  const auto total = std::chrono::floor<milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = total / 1'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(total % 1'000));
  return std::string(text.data(), size) + fraction.data();
}

JsonObjectWriter& JsonObjectWriter::text(std::string_view name, std::string_view value) {
  return raw(name, Json::text(json_string(value)));
}

JsonObjectWriter& JsonObjectWriter::optional_text(std::string_view name, std::string_view value) {
  return value.empty() ? *this : text(name, value);
}

JsonObjectWriter& JsonObjectWriter::raw(std::string_view name, Json value) {
  if (!value.present()) return *this;
  if (out_.size() > 1) out_ += ',';
  out_.append("\"").append(name).append("\":").append(value.view());
  return *this;
}

std::string JsonObjectWriter::finish() {
  out_ += '}';
  return std::move(out_);
}

}  // namespace wscast::program
