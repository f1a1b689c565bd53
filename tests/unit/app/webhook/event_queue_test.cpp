#include "webhook/event_queue.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using std::chrono::seconds;

constexpr std::size_t kPlenty = 1'000'000;

std::vector<std::string> texts(const std::vector<QueuedEvent>& events) {
  std::vector<std::string> texts;
  for (const auto& event : events) texts.push_back(event.json);
  return texts;
}

using Texts = std::vector<std::string>;

TEST(EventQueue, GivesTheOldestFirst) {
  EventQueue queue(kPlenty, kPlenty);
  for (const char* event : {"1", "2", "3"}) queue.push(event, {});
  EXPECT_EQ(texts(queue.take(2, kPlenty)), (Texts{"1", "2"}));
  EXPECT_EQ(texts(queue.take(2, kPlenty)), (Texts{"3"}));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST(EventQueue, TakesNoMoreBytesThanAskedFor) {
  EventQueue queue(kPlenty, kPlenty);
  for (const char* event : {"12345", "12345", "1", "123"}) queue.push(event, {});
  EXPECT_EQ(texts(queue.take(9, 11)), (Texts{"12345", "12345", "1"}));
  EXPECT_EQ(queue.bytes(), 3U);
}

TEST(EventQueue, TakesALongEventAlone) {
  EventQueue queue(kPlenty, kPlenty);
  for (const char* event : {"12345", "1"}) queue.push(event, {});
  EXPECT_EQ(texts(queue.take(9, 2)), (Texts{"12345"}));
  EXPECT_EQ(texts(queue.take(9, 2)), (Texts{"1"}));
}

TEST(EventQueue, DropsTheOldestOverTheNumber) {
  EventQueue queue(2, kPlenty);
  EXPECT_EQ(queue.push("1", {}), 0U);
  EXPECT_EQ(queue.push("2", {}), 0U);
  EXPECT_EQ(queue.push("3", {}), 1U);
  EXPECT_EQ(texts(queue.take(9, kPlenty)), (Texts{"2", "3"}));
}

TEST(EventQueue, DropsTheOldestOverTheBytesAndCountsWhatAnEventTakesBesideThem) {
  EventQueue queue(kPlenty, 10'000);
  EXPECT_EQ(queue.push(std::string(4'000, 'a'), {}), 0U);
  EXPECT_EQ(queue.push(std::string(4'000, 'b'), {}), 0U);
  EXPECT_EQ(queue.push(std::string(4'000, 'c'), {}), 1U);
  EXPECT_EQ(queue.oldest().json.front(), 'b');
  std::size_t dropped = 0;
  for (int i = 0; i < 1'000; ++i) dropped += queue.push("", {});
  EXPECT_GT(dropped, 800U);
}

TEST(EventQueue, AnEventOverTheBoundAloneIsDropped) {
  EventQueue queue(kPlenty, 1'000);
  queue.push("1", {});
  EXPECT_EQ(queue.push(std::string(1'001, 'x'), {}), 2U);
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, DropsWhatIsTooOld) {
  EventQueue queue(kPlenty, kPlenty);
  const EventQueue::Time start{};
  for (int i = 0; i < 4; ++i) queue.push(std::to_string(i), start + seconds(i));
  EXPECT_EQ(queue.drop_older_than(start + seconds(2)), 2U);
  EXPECT_EQ(queue.oldest().json, "2");
}

TEST(EventQueue, LowerBoundsDropAtOnce) {
  EventQueue queue(kPlenty, kPlenty);
  for (const char* event : {"1", "2", "3"}) queue.push(event, {});
  EXPECT_EQ(queue.set_bounds(1, kPlenty), 2U);
  EXPECT_EQ(queue.oldest().json, "3");
}

}  // namespace
}  // namespace wscast::program
