#include <array>
#include <optional>
#include <random>
#include <simdjson.h>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "protocol/json_scanner.h"
#include "protocol/utf8.h"

namespace wscast::protocol {
namespace {

const std::array<std::string, 8> kSeeds = {
    R"({"event":"join","data":{"rooms":["lobby","a\u0062c",""]},"id":"7"})",
    R"( [ 0 , -1.5e+3 , 1E-2 , 10 , -0 , 0.25 ] )",
    R"({"a":{"b":{"c":[[[],[{}]],{"d":null}]}},"e":[true,false,null]})",
    R"("\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 and more plain characters")",
    "{\"\xc3\xb6\":\"\xe2\x82\xac \xf0\x9f\x98\x80\",\n\t\"x\" : [ ] }",
    R"({"event":"publish","data":{"room":"lobby","event":"moved","data":{"x":1,"y":-2.5}}})",
    R"([{"k":1,"k":2},"",[""],{"":""},[1,[2,[3,[4,[5]]]]]])",
    R"({"long":"0123456789abcdef0123456789abcdef0123456789abcdef","n":12345678901234567})",
};

/// Changes texts at random places, mostly by what means something in JSON. Repeatable.
class Mutator {
 public:
  std::string mutant() {
    std::string text = kSeeds[below(kSeeds.size())];
    for (std::size_t edits = 1 + below(3); edits > 0 && !text.empty(); --edits) edit(text);
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string piece() {
    static constexpr std::array<std::string_view, 34> kPieces = {
        "{",  "}",    "[",    "]",  ",",  ":",      "\"",  "\\", "\\u", "0",      "1",  "-",
        "+",  ".",    "e",    "E",  "t",  "true",   "nul", "f",  " ",   "\n",     "\t", "\r",
        "\f", "\x01", "\x7f", "[]", "{}", "\"a\":", ",1",  "/",  "\\n", "\\u00e9"};
    if (below(8) == 0) return std::string(1, static_cast<char>(below(256)));
    return std::string(kPieces[below(kPieces.size())]);
  }

  void edit(std::string& text) {
    const std::size_t at = below(text.size());
    const std::size_t size = 1 + below(3);
    switch (below(4)) {
      case 0:
        text.erase(at, size);
        break;
      case 1:
        text.insert(at, piece());
        break;
      case 2:
        text.replace(at, size, piece());
        break;
      default:
        text.insert(at, text.substr(below(text.size()), size));
    }
  }

  std::mt19937_64 random_{20260131};
};

/// The oracle refuses what JSON.parse takes: a number that no double holds, an integer that 64 bits
/// do not hold, a surrogate without its partner.
bool only_the_oracle_refuses(simdjson::error_code error, std::string_view text) {
  if (error == simdjson::NUMBER_ERROR) return true;
  return error == simdjson::STRING_ERROR && text.find("\\u") != std::string_view::npos;
}

/// Whether scan_object() takes the text, with members of the seeds in their order among the names.
bool scans(std::string_view text) {
  constexpr std::array<std::string_view, 6> kNames = {"event", "data", "id", "a", "e", "long"};
  std::array<std::optional<JsonValue>, kNames.size()> values;
  return scan_object(text, kNames, values) != ObjectScan::invalid;
}

TEST(JsonMutation, M1_MutantsAreJudgedAsByAnotherParser) {
  constexpr int kMutants = 1'000'000;
  Mutator mutator;
  simdjson::dom::parser oracle;
  int valid_to_both = 0;
  int invalid_to_both = 0;
  int excused = 0;
  while (valid_to_both + invalid_to_both < kMutants) {
    const std::string text = mutator.mutant();
    if (!is_utf8(text)) continue;
    const auto error = oracle.parse(text).error();
    const bool valid = scan_json(text).has_value();
    ASSERT_EQ(scans(text), valid) << text;
    if (valid && error && only_the_oracle_refuses(error, text)) {
      ++excused;
      continue;
    }
    ASSERT_EQ(valid, error == simdjson::SUCCESS) << text << '\n' << simdjson::error_message(error);
    ++(valid ? valid_to_both : invalid_to_both);
  }
  EXPECT_GT(valid_to_both, kMutants / 10);
  EXPECT_GT(invalid_to_both, kMutants / 4);
  EXPECT_LT(excused, kMutants / 20);
}

}  // namespace
}  // namespace wscast::protocol
