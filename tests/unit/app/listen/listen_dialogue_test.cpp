#include "listen/listen_dialogue.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using State = ListenDialogue::State;

constexpr const char* kConnected =
    R"({"event":"connected","data":{"id":"c","userId":"alice"},"id":"wscast-listen"})";

TEST(ListenDialogue, AuthenticatesAndJoins) {
  ListenDialogue dialogue({"lobby", "a\"b"});
  EXPECT_EQ(dialogue.begin("to\"ken"),
            R"({"event":"authenticate","data":{"token":"to\"ken"},"id":"wscast-listen"})");
  const auto connected = dialogue.on_message(kConnected);
  EXPECT_FALSE(connected.prints);
  EXPECT_EQ(connected.send,
            R"({"event":"join","data":{"rooms":["lobby","a\"b"]},"id":"wscast-listen"})");
  EXPECT_EQ(dialogue.state(), State::joining);
  EXPECT_EQ(dialogue.identity(), "alice");
  EXPECT_TRUE(dialogue.on_message(R"({"event":"chat","data":1})").prints);
  const auto joined =
      dialogue.on_message(R"({"event":"ack","data":{"ok":true,"rooms":{}},"id":"wscast-listen"})");
  EXPECT_FALSE(joined.prints);
  EXPECT_EQ(dialogue.state(), State::listening);
}

TEST(ListenDialogue, PrintsAllThatIsNotAboutItself) {
  ListenDialogue dialogue({});
  dialogue.begin("t");
  EXPECT_EQ(dialogue.on_message(kConnected).send, "");
  EXPECT_EQ(dialogue.state(), State::listening);
  for (const char* message :
       {R"({"event":"chat"})", R"({"event":"error","data":{"message":"x"}})", "no JSON", "[]", "",
        R"({"event":"connected"})", R"({"event":"disconnect","data":{}})"}) {
    EXPECT_TRUE(dialogue.on_message(message).prints) << message;
  }
  EXPECT_EQ(dialogue.state(), State::listening);
}

TEST(ListenDialogue, ARoomThatIsRefusedEndsIt) {
  ListenDialogue dialogue({"lobby", "x"});
  dialogue.begin("t");
  dialogue.on_message(kConnected);
  dialogue.on_message(R"({"event":"ack","id":"wscast-listen",)"
                      R"("data":{"ok":false,"rooms":{"lobby":"joined","x":"not allowed"}}})");
  EXPECT_EQ(dialogue.state(), State::refused);
  EXPECT_EQ(dialogue.refusal(), "x: not allowed");
  EXPECT_FALSE(dialogue.on_message(R"({"event":"chat"})").prints);
  dialogue.begin("t");
  EXPECT_EQ(dialogue.state(), State::authenticating);
}

TEST(ListenDialogue, AnAckOfAStrangeServerIsARefusal) {
  for (const char* data : {"null", "{}", R"({"ok":1})", R"({"ok":false,"rooms":[1],"error":2})"}) {
    ListenDialogue dialogue({"x"});
    dialogue.begin("t");
    dialogue.on_message(kConnected);
    dialogue.on_message(R"({"event":"ack","id":"wscast-listen","data":)" + std::string(data) + "}");
    EXPECT_EQ(dialogue.state(), State::refused) << data;
    EXPECT_EQ(dialogue.refusal(), "the rooms");
  }
}

TEST(ListenDialogue, BeforeItIsConnectedNothingIsPrinted) {
  ListenDialogue dialogue({});
  dialogue.begin("t");
  EXPECT_FALSE(dialogue.on_message(R"({"event":"error","data":{"message":"no"}})").prints);
  EXPECT_EQ(dialogue.state(), State::authenticating);
}

}  // namespace
}  // namespace wscast::program
