#include <array>

#include "conformance/harness.h"

namespace wscast::conformance {
namespace {

using Seen = std::vector<std::string>;

/// A rule about a connection that has been upgraded.
Rule after_upgrade(std::string name, const std::string& input, Seen seen) {
  seen.insert(seen.begin(), "HTTP 101");
  return {std::move(name), request() + input, std::move(seen)};
}

Seen failed(int code) {
  return {"close " + std::to_string(code), "end"};
}

std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>('a' + i % 26);
  return out;
}

std::string hex_digit(unsigned value) {
  return std::string(1, "0123456789ABCDEF"[value]);
}

void add_opcodes(std::vector<Rule>& rules) {
  for (unsigned opcode = 0; opcode < 16; ++opcode) {
    const bool known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
    if (known) continue;
    for (const unsigned fin : {0x80u, 0u}) {
      rules.push_back(after_upgrade(
          "S5_2_ReservedOpcode" + hex_digit(opcode) + (fin != 0 ? "" : "Unfinished") + "Fails",
          frame(static_cast<std::uint8_t>(fin | opcode), "\x03\xe8") + text("later"),
          failed(1002)));
    }
  }
}

void add_rsv(std::vector<Rule>& rules) {
  for (unsigned rsv = 1; rsv < 8; ++rsv) {
    for (const auto& [kind, opcode] : {std::pair("Text", 0x81u), std::pair("Binary", 0x82u),
                                       std::pair("Ping", 0x89u), std::pair("Close", 0x88u)}) {
      rules.push_back(
          after_upgrade("S5_2_Rsv" + std::to_string(rsv) + "On" + kind + "Fails",
                        text("before") + frame(static_cast<std::uint8_t>(opcode | rsv << 4), "xx"),
                        {"text before", "close 1002", "end"}));
    }
  }
}

void add_lengths(std::vector<Rule>& rules) {
  for (const std::size_t size : {0, 1, 125, 126, 127, 128, 65'535, 65'536}) {
    const std::string payload = pattern(size);
    rules.push_back(after_upgrade("S5_2_TextOf" + std::to_string(size) + "Bytes", text(payload),
                                  {shown("text", payload)}));
    rules.push_back(after_upgrade("S5_2_BinaryOf" + std::to_string(size) + "Bytes", binary(payload),
                                  {shown("binary", payload)}));
  }
}

/// A masked text frame whose length takes `bytes` bytes, whatever it is.
std::string with_length(std::size_t bytes, std::uint64_t length) {
  std::string out{static_cast<char>(0x81), static_cast<char>(bytes == 2 ? 0xfe : 0xff)};
  for (std::size_t i = bytes; i > 0; --i) out += static_cast<char>(length >> 8 * (i - 1));
  return out + std::string(4, '\0');
}

void add_bad_lengths(std::vector<Rule>& rules) {
  for (const std::uint64_t length : {0, 1, 125}) {
    rules.push_back(after_upgrade("S5_2_16BitLengthOf" + std::to_string(length) + "IsNotMinimal",
                                  with_length(2, length), failed(1002)));
  }
  for (const std::uint64_t length : {0, 1, 125, 126, 65'535}) {
    rules.push_back(after_upgrade("S5_2_64BitLengthOf" + std::to_string(length) + "IsNotMinimal",
                                  with_length(8, length), failed(1002)));
  }
  const std::uint64_t top = std::uint64_t{1} << 63;
  rules.push_back(
      after_upgrade("S5_2_LengthWithItsTopBitSetIsTooBig", with_length(8, top), failed(1009)));
  rules.push_back(after_upgrade("S5_2_LengthOfAllOnesIsTooBig", with_length(8, ~std::uint64_t{0}),
                                failed(1009)));
  rules.push_back(after_upgrade("S7_4_1_OneByteOverTheLimitIsTooBigOnItsHeader",
                                with_length(8, 70'001), failed(1009)));
  rules.push_back(after_upgrade("S7_4_1_TheLimitItselfIsFine", binary(pattern(70'000)),
                                {shown("binary", pattern(70'000))}));
}

void add_masks(std::vector<Rule>& rules) {
  for (const auto& [kind, first] :
       {std::pair("Text", 0x81u), std::pair("Binary", 0x82u), std::pair("Continuation", 0x80u),
        std::pair("Close", 0x88u), std::pair("Ping", 0x89u), std::pair("Pong", 0x8au)}) {
    rules.push_back(after_upgrade(std::string("S5_1_Unmasked") + kind + "Fails",
                                  std::string{static_cast<char>(first), 0}, failed(1002)));
  }
  const std::array<std::pair<const char*, ws::MaskKey>, 4> keys = {
      {{"Zero", {0, 0, 0, 0}},
       {"Ones", {255, 255, 255, 255}},
       {"OneByte", {0, 0, 7, 0}},
       {"AllDifferent", {1, 2, 4, 8}}}};
  for (const auto& [name, key] : keys) {
    rules.push_back(after_upgrade(std::string("S5_3_Mask") + name, frame(0x81, "Hello!?", key),
                                  {"text Hello!?"}));
  }
}

void add_control(std::vector<Rule>& rules) {
  for (const std::size_t size : {0, 1, 8, 124, 125}) {
    rules.push_back(after_upgrade("S5_5_3_PingOf" + std::to_string(size) + "BytesIsAnswered",
                                  ping(pattern(size)), {shown("pong", pattern(size))}));
    rules.push_back(after_upgrade("S5_5_3_PongOf" + std::to_string(size) + "BytesIsIgnored",
                                  frame(0x8a, pattern(size)) + text("x"), {"text x"}));
  }
  for (const auto& [kind, opcode] :
       {std::pair("Close", 8u), std::pair("Ping", 9u), std::pair("Pong", 10u)}) {
    rules.push_back(after_upgrade(std::string("S5_5_") + kind + "Of126BytesFails",
                                  frame(static_cast<std::uint8_t>(0x80 | opcode), pattern(126)),
                                  failed(1002)));
    rules.push_back(after_upgrade(std::string("S5_5_Fragmented") + kind + "Fails",
                                  frame(static_cast<std::uint8_t>(opcode), "xx"), failed(1002)));
  }
  rules.push_back(after_upgrade("S5_5_2_PingsAreAnsweredInOrder",
                                ping("1") + text("a") + ping("2") + ping("3"),
                                {"pong 1", "text a", "pong 2", "pong 3"}));
  rules.push_back(
      after_upgrade("S5_5_2_BinaryPingPayloadComesBack", ping("\xff\xfe"), {"pong \xff\xfe"}));
}

}  // namespace

std::vector<Rule> frame_rules() {
  std::vector<Rule> rules;
  add_opcodes(rules);
  add_rsv(rules);
  add_lengths(rules);
  add_bad_lengths(rules);
  add_masks(rules);
  add_control(rules);
  return rules;
}

}  // namespace wscast::conformance
