#include "broker/redis/history/script_client.h"

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_random.h"

namespace wscast::redis {
namespace {

using Kind = RespValue::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

class ScriptClientTest : public ::testing::Test {
 protected:
  void run(const Script& script, const std::string& key = "k", bool asking = false) {
    const ScriptCall call{&script, {key}, {"argument"}};
    client_.run(std::make_shared<const ScriptCall>(call), asking,
                [this, key](const Publisher::Answer& answer) {
                  answers_.push_back(key + (answer.reply == nullptr ? " none" : " reply"));
                });
  }

  /// Of the oldest command.
  void reply(const RespValue& value) { answer({&value}); }
  void succeed() { reply({.kind = Kind::bulk, .text = "1 e 0"}); }
  void answer(const Publisher::Answer& answer) {
    const auto on_answer = std::move(waiting_.front());
    waiting_.pop_front();
    on_answer(answer);
  }

  std::vector<std::vector<std::string>> sent() { return std::exchange(sent_, {}); }

  std::vector<std::vector<std::string>> sent_;
  std::deque<Publisher::OnAnswer> waiting_;
  std::vector<std::string> answers_;
  FakeRandom random_;
  ScriptClient client_{
      [this](std::span<const std::string_view> words, bool asking, Publisher::OnAnswer answer) {
        sent_.emplace_back(words.begin(), words.end());
        if (asking) sent_.back().insert(sent_.back().begin(), "ASKING");
        waiting_.push_back(std::move(answer));
      },
      random_};
  const Script one_{"return 1", "digest1"};
  const Script two_{"return 2", "digest2"};
};

const std::string kEpoch1 = "00000000000000010000000200000003";
const std::string kEpoch2 = "00000004000000050000000600000007";

TEST_F(ScriptClientTest, SendsAScriptAsAWholeUntilItHasRun) {
  run(one_);
  run(one_);
  EXPECT_THAT(sent(),
              ElementsAre(ElementsAre("EVAL", "return 1", "1", "k", "new", kEpoch1, "argument"),
                          ElementsAre("EVAL", "return 1", "1", "k", "new", kEpoch2, "argument")));
  succeed();
  succeed();
  EXPECT_THAT(answers_, ElementsAre("k reply", "k reply"));
  run(one_);
  run(two_);
  const auto words = sent();
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0][0] + ' ' + words[0][1], "EVALSHA digest1");
  EXPECT_EQ(words[0][4], "") << "its rights were checked";
  EXPECT_EQ(words[1][0], "EVAL") << "another script";
  EXPECT_EQ(words[1][4], "new");
}

TEST_F(ScriptClientTest, AnErrorTeachesNothing) {
  run(one_);
  reply({.kind = Kind::error, .text = "NOPERM"});
  EXPECT_THAT(answers_, ElementsAre("k reply"));
  sent();
  run(one_);
  EXPECT_EQ(sent_.at(0)[0], "EVAL");
  EXPECT_EQ(sent_.at(0)[4], "new");
}

TEST_F(ScriptClientTest, AScriptThatRedisForgotIsSentAgain) {
  run(one_);
  succeed();
  sent();
  run(one_, "a");
  run(one_, "b");
  reply({.kind = Kind::error, .text = "NOSCRIPT No matching script"});
  reply({.kind = Kind::error, .text = "NOSCRIPT No matching script"});
  EXPECT_THAT(answers_, ElementsAre("k reply"));
  const auto words = sent();
  ASSERT_EQ(words.size(), 4u);
  EXPECT_EQ(words[2][0] + ' ' + words[2][3], "EVAL a");
  EXPECT_EQ(words[3][0] + ' ' + words[3][3], "EVAL b");
  succeed();
  succeed();
  EXPECT_THAT(answers_, ElementsAre("k reply", "a reply", "b reply"));
  run(one_);
  EXPECT_EQ(sent_.at(0)[0], "EVALSHA");
  EXPECT_EQ(sent_.at(0)[4], "");
}

TEST_F(ScriptClientTest, WhatWasRedirectedAsksAgainWhenItIsSentAgain) {
  run(one_);
  succeed();
  sent();
  run(one_, "a", true);
  reply({.kind = Kind::error, .text = "NOSCRIPT No matching script"});
  const auto words = sent();
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0][0] + ' ' + words[0][1], "ASKING EVALSHA");
  EXPECT_EQ(words[1][0] + ' ' + words[1][1], "ASKING EVAL");
}

TEST_F(ScriptClientTest, WithoutAReplyItIsNotSentAgain) {
  run(one_);
  succeed();
  sent();
  run(one_, "a");
  sent();
  answer({nullptr, true});
  EXPECT_THAT(answers_, ElementsAre("k reply", "a none"));
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ScriptClientTest, AnotherConnectionMayLeadToAnotherRedis) {
  run(one_);
  succeed();
  client_.on_lost();
  sent();
  run(one_);
  EXPECT_EQ(sent_.at(0)[0], "EVAL");
  EXPECT_EQ(sent_.at(0)[4], "new");
}

}  // namespace
}  // namespace wscast::redis
