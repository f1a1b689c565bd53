#include "ws/frame_joiner.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "support/allocation_faults.h"

namespace wscast::ws {
namespace {

std::string text(const FrameRef& frame) {
  return {reinterpret_cast<const char*>(frame.bytes().data()), frame.size()};
}

class FrameJoinerTest : public testing::Test {
 protected:
  void add(const std::string& payload) {
    ASSERT_TRUE(joiner_.fits(payload.size()));
    std::ranges::copy(payload, joiner_.add(Opcode::text, payload.size()).begin());
    frames_.push_back(text(make_frame(Opcode::text, payload)));
    payloads_ += payload.size();
  }

  std::string all() const {
    std::string all;
    for (const auto& frame : frames_) all += frame;
    return all;
  }

  FrameJoiner joiner_;
  std::vector<std::string> frames_;  ///< Those that were added.
  std::size_t payloads_ = 0;
};

TEST_F(FrameJoinerTest, PutsFramesSideBySide) {
  EXPECT_TRUE(joiner_.empty());
  for (const std::size_t size : {3, 0, 125, 126, 1'000}) add(std::string(size, 'x'));
  EXPECT_FALSE(joiner_.empty());
  const FrameRef joined = FrameRef::of(joiner_.take());
  EXPECT_TRUE(joiner_.empty());
  EXPECT_EQ(text(joined), all());
  EXPECT_EQ(joined.messages(), 5u);
  EXPECT_EQ(joined.payload_size(), payloads_);
  EXPECT_EQ(joined.cost(), joined.size() + 5 * FrameRef::kCost) << "as they would apart";
}

TEST_F(FrameJoinerTest, OneMessageIsAFrameLikeAnyOther) {
  add("hello");
  const FrameRef frame = FrameRef::of(joiner_.take());
  EXPECT_EQ(text(frame), all());
  EXPECT_EQ(frame.messages(), 1u);
}

TEST_F(FrameJoinerTest, EachMessageIsHadByItself) {
  for (const std::size_t size : {3, 0, 125, 126, 1'000}) add(std::string(size, 'x'));
  FrameRef joined = FrameRef::of(joiner_.take(), {.taken = SteadyTime(std::chrono::seconds(7))});
  const std::vector<FrameRef> parts(joined.parts().begin(), joined.parts().end());
  EXPECT_EQ(joined.parts().data(), joined.parts().data()) << "made once";
  const auto* first = joined.bytes().data();
  joined = {};
  ASSERT_EQ(parts.size(), frames_.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_EQ(text(parts[i]), frames_[i]);
    EXPECT_EQ(parts[i].messages(), 1u);
    EXPECT_EQ(parts[i].taken(), SteadyTime(std::chrono::seconds(7)));
  }
  EXPECT_EQ(parts[0].bytes().data(), first) << "the same bytes";
  EXPECT_EQ(parts[2].payload_size(), 125u);
}

TEST_F(FrameJoinerTest, HasRoomUpToItsLimit) {
  const std::size_t most = FrameJoiner::kMostBytes;
  EXPECT_TRUE(joiner_.fits(most - 4)) << "and a header of 4 bytes";
  EXPECT_FALSE(joiner_.fits(most - 3));
  EXPECT_FALSE(joiner_.fits(most));
  EXPECT_FALSE(joiner_.fits(~std::size_t{0}));
  add(std::string(most - 4 - 2 - 100, 'x'));
  EXPECT_FALSE(joiner_.fits(101));
  add(std::string(100, 'y'));
  EXPECT_FALSE(joiner_.fits(0)) << "a header of 2 bytes";
  EXPECT_EQ(joiner_.take().size, most);
  EXPECT_TRUE(joiner_.fits(most - 4));
}

TEST_F(FrameJoinerTest, KeepsWhatCannotBeTakenForWantOfMemory) {
  add("a");
  add("b");
  SharedFrame taken;
  EXPECT_EQ(test::fail_each_allocation([&] { taken = joiner_.take(); }), 1);
  const FrameRef joined = FrameRef::of(taken);
  EXPECT_EQ(text(joined), all());
  EXPECT_EQ(joined.messages(), 2u);
}

}  // namespace
}  // namespace wscast::ws
