#include <algorithm>
#include <array>
#include <string_view>

#include <gtest/gtest.h>

#include "protocol/envelope.h"
#include "protocol/json_scanner.h"

namespace wscast::protocol {
namespace {

using namespace std::string_view_literals;

struct Verdict {
  std::string_view text;
  bool valid;  ///< Whether JSON.parse takes it.
};

const Verdict kVerdicts[] = {
#include "json_verdicts.inc"
};

TEST(JsonVerdicts, HoldManyTextsOfBothKinds) {
  const auto valid = std::ranges::count(kVerdicts, true, &Verdict::valid);
  EXPECT_GE(valid, 300);
  EXPECT_GE(std::ssize(kVerdicts) - valid, 1000);
}

TEST(JsonVerdicts, M1_TheScannerValidatesAsJsonParse) {
  for (const auto& [text, valid] : kVerdicts) {
    EXPECT_EQ(scan_json(text).has_value(), valid) << testing::PrintToString(text);
  }
}

TEST(JsonVerdicts, M1_TheScannerValidatesAsJsonParseInsideAnotherValue) {
  for (const auto& [text, valid] : kVerdicts) {
    // Texts that close the array and go on would be judged differently inside.
    if (text.find_first_of(",]") != std::string_view::npos) continue;
    const auto inside = std::string("[").append(text).append("]");
    const bool blank = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
    EXPECT_EQ(scan_json(inside).has_value(), valid || blank) << testing::PrintToString(inside);
  }
}

TEST(JsonVerdicts, M1_MessagesAreInvalidExactlyWhenJsonParseThrows) {
  for (const auto& [text, valid] : kVerdicts) {
    EXPECT_EQ(parse_envelope(text).status != EnvelopeStatus::invalid, valid)
        << testing::PrintToString(text);
  }
}

TEST(JsonVerdicts, ValidTextsAreAnsweredWithoutTheSpaceAroundThem) {
  for (const auto& [text, valid] : kVerdicts) {
    if (!valid) continue;
    const auto begin = text.find_first_not_of(" \t\r\n");
    const auto end = text.find_last_not_of(" \t\r\n") + 1;
    EXPECT_EQ(scan_json(text)->text, text.substr(begin, end - begin));
  }
}

}  // namespace
}  // namespace wscast::protocol
