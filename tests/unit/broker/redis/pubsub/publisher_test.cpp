#include "broker/redis/pubsub/publisher.h"

#include <array>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "unit/broker/redis/redis_commands.h"

namespace wscast::redis {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PublisherTest : public ::testing::Test {
 protected:
  /// Its outcome goes to `reported_` as `NAME ok 3`, `NAME down`, `NAME unknown`.
  void publish(const std::string& name, std::size_t unsent = 0) {
    publisher_.publish(
        "channel", name, [this, name](const Published& it) { report(name, it); }, unsent, now_);
  }

  void report(const std::string& name, const Published& it) {
    if (it.outcome == Backplane::ok)
      reported_.push_back(name + " ok " + std::to_string(it.receivers));
    if (it.outcome == Backplane::down) reported_.push_back(name + " down");
    if (it.outcome == Backplane::unknown) reported_.push_back(name + " unknown");
  }

  void ask(const std::string& word) {
    const std::array<std::string_view, 1> words{word};
    publisher_.command(words, [this, word](const RespValue& reply) {
      reported_.push_back(word + " " + std::string(reply.text));
    });
  }

  /// Its answer goes to `reported_` as `WORD reply`, `WORD lost`, `WORD not sent`.
  void query(const std::string& word, std::size_t unsent = 0,
             std::optional<milliseconds> patience = std::nullopt) {
    const std::array<std::string_view, 1> words{word};
    publisher_.query(
        words,
        [this, word](const Publisher::Answer& answer) {
          const auto lost = answer.sent ? " lost" : " not sent";
          reported_.push_back(
              word + (answer.reply == nullptr ? lost : " " + std::string(answer.reply->text)));
        },
        unsent, patience ? std::optional(now_ + *patience) : std::nullopt);
  }

  bool answer(std::int64_t receivers) {
    return publisher_.on_reply({.kind = RespValue::Kind::integer, .integer = receivers});
  }
  bool answer_text(RespValue::Kind kind, std::string_view text) {
    return publisher_.on_reply({.kind = kind, .text = text});
  }

  std::vector<std::string> reported() {
    for (const auto& [done, published] : publisher_.take_finished()) {
      if (done) done(published);
    }
    return std::exchange(reported_, {});
  }

  void pass(milliseconds duration) {
    now_ += duration;
    publisher_.on_time(now_);
  }

  SteadyTime now_{};
  Publisher publisher_{{.answer_timeout = milliseconds(1'000), .max_unsent_bytes = 1'000}};
  std::vector<std::string> reported_;
};

TEST_F(PublisherTest, EachMessageIsACommandAndItsAnswerIsTheNextOne) {
  publisher_.on_connected();
  publish("a");
  publish("b");
  EXPECT_THAT(
      commands_in(publisher_.commands()),
      ElementsAre(ElementsAre("PUBLISH", "channel", "a"), ElementsAre("PUBLISH", "channel", "b")));
  publisher_.on_commands_sent();
  EXPECT_TRUE(publisher_.commands().empty());
  EXPECT_EQ(publisher_.open(), 2u);
  EXPECT_THAT(reported(), IsEmpty());
  EXPECT_TRUE(answer(3));
  EXPECT_TRUE(answer(0));
  EXPECT_THAT(reported(), ElementsAre("a ok 3", "b ok 0"));
  EXPECT_EQ(publisher_.open(), 0u);
}

TEST_F(PublisherTest, WithoutAConnectionItIsDownAndNothingIsKeptForLater) {
  publish("a");
  EXPECT_THAT(reported(), ElementsAre("a down"));
  publisher_.on_connected();
  EXPECT_TRUE(publisher_.commands().empty());
}

TEST_F(PublisherTest, OverTheLimitOfWhatMayWaitItIsDown) {
  publisher_.on_connected();
  publish(std::string(400, 'a'), 601);
  publish("fits", 601);  // The 400 bytes did not begin to wait.
  EXPECT_THAT(reported(), ElementsAre(std::string(400, 'a') + " down"));
  EXPECT_EQ(publisher_.open(), 1u);
}

TEST_F(PublisherTest, AMessageOfAnyLengthGoesWhenNothingWaits) {
  publisher_.on_connected();
  publish(std::string(5'000, 'a'));
  EXPECT_EQ(publisher_.open(), 1u);
}

TEST_F(PublisherTest, AQueryIsAnsweredInItsTurn) {
  publisher_.on_connected();
  publish("a");
  query("GET");
  publish("b");
  EXPECT_TRUE(answer(1));
  EXPECT_TRUE(answer_text(RespValue::Kind::bulk, "value"));
  EXPECT_TRUE(answer(2));
  EXPECT_THAT(reported(), ElementsAre("GET value", "a ok 1", "b ok 2"));
}

TEST_F(PublisherTest, AQueryLearnsThatThereIsNoReply) {
  query("early");
  publisher_.on_connected();
  query("GET");
  query(std::string(600, 'x'), 500);
  publisher_.on_disconnected();
  EXPECT_TRUE(reported_.empty()) << "never inside a call";
  EXPECT_THAT(reported(),
              ElementsAre("early not sent", std::string(600, 'x') + " not sent", "GET lost"));
}

TEST_F(PublisherTest, AQueryWhoseCallbackThrowsIsAnsweredOnceMoreWithoutAReply) {
  publisher_.on_connected();
  const std::array<std::string_view, 1> words{"GET"};
  const auto on_answer = [this](const Publisher::Answer& answer) {
    if (answer.reply != nullptr) throw std::bad_alloc();
    reported_.emplace_back(answer.sent ? "lost" : "not sent");
  };
  publisher_.query(words, on_answer, 0, now_ + milliseconds(500));
  EXPECT_THROW(answer_text(RespValue::Kind::bulk, "value"), std::bad_alloc);
  EXPECT_EQ(publisher_.open(), 0u);
  publisher_.on_disconnected();
  EXPECT_THAT(reported(), ElementsAre("lost"));
}

TEST_F(PublisherTest, AQueryWithADeadlineIsOpenUntilItIsAnswered) {
  publisher_.on_connected();
  query("EVAL", 0, milliseconds(500));
  EXPECT_EQ(publisher_.open(), 1u);
  EXPECT_EQ(publisher_.next_deadline(), now_ + milliseconds(500));
  EXPECT_TRUE(answer_text(RespValue::Kind::bulk, "value"));
  EXPECT_EQ(publisher_.open(), 0u);
  EXPECT_EQ(publisher_.next_deadline(), std::nullopt);
  EXPECT_THAT(reported(), ElementsAre("EVAL value"));
}

TEST_F(PublisherTest, ALateQueryIsLostOnceAndItsReplyIsRecognized) {
  publisher_.on_connected();
  query("EVAL", 0, milliseconds(500));
  query("GET");
  pass(milliseconds(500));
  EXPECT_EQ(publisher_.open(), 0u);
  EXPECT_THAT(reported(), ElementsAre("EVAL lost"));
  EXPECT_TRUE(answer_text(RespValue::Kind::bulk, "late"));
  EXPECT_TRUE(answer_text(RespValue::Kind::bulk, "value"));
  EXPECT_FALSE(answer_text(RespValue::Kind::bulk, "of no command"));
  EXPECT_THAT(reported(), ElementsAre("GET value"));
}

TEST_F(PublisherTest, AQueryWithADeadlineIsLostOnceWithItsConnection) {
  publisher_.on_connected();
  query("EVAL", 0, milliseconds(500));
  publisher_.on_disconnected();
  EXPECT_EQ(publisher_.open(), 0u);
  EXPECT_THAT(reported(), ElementsAre("EVAL lost"));
}

TEST_F(PublisherTest, TinyMessagesCountWhatTheyCost) {
  publisher_.on_connected();
  for (int i = 0; i < 100; ++i) {
    publish("a");
    publisher_.on_commands_sent();  // The kernel took it all: no bytes wait.
  }
  EXPECT_EQ(publisher_.open(), 1'000 / Publisher::kItemBytes + 1);
}

TEST_F(PublisherTest, AnUnresponsiveRedisIsNotGivenMessagesForEver) {
  publisher_.on_connected();
  std::size_t commands = 0;
  for (int i = 0; i < 100; ++i) {
    publish("a");
    commands += commands_in(publisher_.commands()).size();
    publisher_.on_commands_sent();
    pass(milliseconds(1'000));
  }
  EXPECT_EQ(publisher_.open(), 0u);
  EXPECT_LE(commands, 1'000 / Publisher::kItemBytes + 1) << "late ones are in flight all the same";
}

TEST_F(PublisherTest, WhenTheConnectionIsLostItIsUnknown) {
  publisher_.on_connected();
  publish("a");
  ask("PING");
  publish("b");
  publisher_.on_disconnected();
  EXPECT_THAT(reported(), ElementsAre("a unknown", "b unknown"));
  EXPECT_TRUE(publisher_.commands().empty());
  EXPECT_FALSE(answer(1));
}

TEST_F(PublisherTest, WithoutAnAnswerInTimeItIsUnknownAndTheLateAnswerIsItsOwn) {
  publisher_.on_connected();
  publish("a");
  EXPECT_EQ(publisher_.next_deadline(), now_ + milliseconds(1'000));
  pass(milliseconds(600));
  publish("b");
  pass(milliseconds(400));
  EXPECT_THAT(reported(), ElementsAre("a unknown"));
  EXPECT_TRUE(answer(1));
  EXPECT_THAT(reported(), IsEmpty());
  EXPECT_TRUE(answer(2));
  EXPECT_THAT(reported(), ElementsAre("b ok 2"));
  EXPECT_EQ(publisher_.next_deadline(), std::nullopt);
}

TEST_F(PublisherTest, OtherCommandsHaveTheirPlaceAndNoDeadline) {
  publisher_.on_connected();
  ask("PING");
  EXPECT_EQ(publisher_.next_deadline(), std::nullopt);
  publish("a");
  ask("ROLE");
  pass(milliseconds(1'000));
  EXPECT_THAT(reported(), ElementsAre("a unknown"));
  EXPECT_TRUE(answer_text(RespValue::Kind::status, "PONG"));
  EXPECT_TRUE(answer(1));
  EXPECT_TRUE(answer_text(RespValue::Kind::bulk, "master"));
  EXPECT_THAT(reported(), ElementsAre("PING PONG", "ROLE master"));
}

TEST_F(PublisherTest, WhatRedisRefusesIsDown) {
  publisher_.on_connected();
  publish("a");
  EXPECT_TRUE(answer_text(RespValue::Kind::error, "NOPERM no"));
  std::string refusal;
  for (const auto& finished : publisher_.take_finished()) {
    refusal = finished.published.refusal;
    finished.done(finished.published);
  }
  EXPECT_THAT(reported(), ElementsAre("a down"));
  EXPECT_EQ(refusal, "NOPERM no");
  EXPECT_EQ(publisher_.take_refusal(), "NOPERM no");
  EXPECT_EQ(publisher_.take_refusal(), "");
}

TEST_F(PublisherTest, AReplyOfAnotherKindIsNoOutcome) {
  publisher_.on_connected();
  publish("a");
  EXPECT_TRUE(answer_text(RespValue::Kind::status, "OK"));
  EXPECT_THAT(reported(), ElementsAre("a unknown"));
}

TEST_F(PublisherTest, AReplyWithoutACommandIsReported) {
  publisher_.on_connected();
  EXPECT_FALSE(answer(1));
}

TEST_F(PublisherTest, TheCallbackMayBeEmpty) {
  publisher_.on_connected();
  publisher_.publish("channel", "a", {}, 0, now_);
  EXPECT_TRUE(answer(1));
  ASSERT_TRUE(publisher_.any_finished());
  EXPECT_THAT(reported(), IsEmpty());
}

}  // namespace
}  // namespace wscast::redis
