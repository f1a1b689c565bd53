#include "client/frame_masker.h"

#include <set>

#include <gtest/gtest.h>

#include "ws/mask.h"

namespace wscast::client {
namespace {

TEST(FrameMasker, AppendsAMaskedFrame) {
  FrameMasker masker(system_random());
  std::string out = "before";
  masker.append(out, {.opcode = ws::Opcode::binary, .fin = false}, "hello");
  ASSERT_EQ(out.size(), 6u + 2 + 4 + 5);
  EXPECT_EQ(out.substr(0, 8), "before\x02\x85");
  auto* bytes = reinterpret_cast<std::uint8_t*>(out.data());
  ws::apply_mask({bytes + 12, 5}, {bytes[8], bytes[9], bytes[10], bytes[11]}, 0);
  EXPECT_EQ(out.substr(12), "hello");
}

TEST(FrameMasker, GivesEachFrameAKeyOfItsOwn) {
  FrameMasker masker(system_random());
  std::set<std::string> keys;
  for (int i = 0; i < 3000; ++i) {  // Longer than its supply of randomness.
    std::string out;
    masker.append(out, {}, {});
    keys.insert(out.substr(2));
  }
  EXPECT_GE(keys.size(), 2990u) << "4 random bytes may meet by chance, hardly ten times";
}

}  // namespace
}  // namespace wscast::client
