#include "broker/redis/resp/command.h"

#include <vector>

#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

std::string command(const std::vector<std::string_view>& words) {
  std::string out;
  append_command(out, words);
  return out;
}

TEST(Command, IsAnArrayOfBulkStrings) {
  EXPECT_EQ(command({"PING"}), "*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(command({"PUBLISH", "ws:room:a", "{}"}),
            "*3\r\n$7\r\nPUBLISH\r\n$9\r\nws:room:a\r\n$2\r\n{}\r\n");
}

TEST(Command, TakesAnyBytesAsTheyAre) {
  using namespace std::string_view_literals;
  EXPECT_EQ(command({"SET", "a\0b"sv, "%s\r\n\xff"sv, ""sv, std::string_view()}),
            "*5\r\n$3\r\nSET\r\n$3\r\na\0b\r\n$5\r\n%s\r\n\xff\r\n$0\r\n\r\n$0\r\n\r\n"sv);
}

TEST(Command, GoesBehindWhatIsThere) {
  std::string out = "before";
  const std::vector<std::string_view> words = {"PING"};
  append_command(out, words);
  append_command(out, words);
  EXPECT_EQ(out, "before*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n");
}

TEST(Command, MayHaveManyWords) {
  constexpr std::size_t kChannels = 100'000;
  std::vector<std::string_view> words = {"SUBSCRIBE"};
  words.insert(words.end(), kChannels, "ws:room:x");
  const auto out = command(words);
  EXPECT_TRUE(out.starts_with("*100001\r\n$9\r\nSUBSCRIBE\r\n$9\r\nws:room:x\r\n"));
  EXPECT_EQ(out.size(), std::string_view("*100001\r\n").size() + (kChannels + 1) * 15);
}

TEST(AuthCommand, HasTheUserOnlyIfThereIsOne) {
  std::string out;
  append_auth(out, "", "");
  EXPECT_EQ(out, "");
  append_auth(out, "", "pass");
  EXPECT_EQ(out, command({"AUTH", "pass"}));
  out.clear();
  append_auth(out, "user", "pass");
  EXPECT_EQ(out, command({"AUTH", "user", "pass"}));
}

}  // namespace
}  // namespace wscast::redis
