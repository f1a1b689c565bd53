#include "auth/webhook_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using testing::ElementsAre;

Grant grant(std::string_view body) {
  return std::get<Grant>(read_webhook_grant(body));
}

std::string grant_fault(std::string_view body) {
  return std::get<WebhookFault>(read_webhook_grant(body)).what;
}

TEST(WebhookGrant, HasAUserAndNoRoomsAndNoEndByDefault) {
  const Grant read = grant(R"({"userId":"alice"})");
  EXPECT_EQ(read.user_id, "alice");
  EXPECT_THAT(read.room_patterns, ElementsAre());
  EXPECT_EQ(read.metadata, "{}");
  EXPECT_FALSE(read.expires_in);
}

TEST(WebhookGrant, HasWhatTheResponseSays) {
  const Grant read = grant(
      R"({"other":[1],"userId":"a","metadata":{"n": 1e2,"deep":[{}]},"rooms":["lobby","team-*"],"expiresIn":60})");
  EXPECT_THAT(read.room_patterns, ElementsAre("lobby", "team-*"));
  EXPECT_EQ(read.metadata, R"({"n": 1e2,"deep":[{}]})");
  EXPECT_EQ(read.expires_in, std::chrono::seconds(60));
}

TEST(WebhookGrant, AnyOtherTypeIsAFault) {
  EXPECT_EQ(grant_fault(""), "the response is not JSON");
  EXPECT_EQ(grant_fault("<html>"), "the response is not JSON");
  EXPECT_EQ(grant_fault(R"({"userId":"a"} x)"), "the response is not JSON");
  EXPECT_EQ(grant_fault("{\"userId\":\"a\xff\"}"), "the response is not JSON");
  EXPECT_EQ(grant_fault(R"(["userId"])"), "the response is not a JSON object");
  EXPECT_EQ(grant_fault("{}"), "userId is missing");
  EXPECT_EQ(grant_fault(R"({"userId":7})"), "userId is not a string");
  EXPECT_EQ(grant_fault(R"({"userId":null})"), "userId is not a string");
  EXPECT_EQ(grant_fault(R"({"userId":""})"), "userId is empty");
  EXPECT_EQ(grant_fault(R"({"userId":"a","metadata":[]})"), "metadata is not an object");
  EXPECT_EQ(grant_fault(R"({"userId":"a","metadata":null})"), "metadata is not an object");
  EXPECT_EQ(grant_fault(R"({"userId":"a","rooms":"lobby"})"), "rooms is not an array");
  EXPECT_EQ(grant_fault(R"({"userId":"a","rooms":["lobby",1]})"),
            "rooms has an entry that is not a string");
  for (const char* expiry : {"0", "-1", "1.5", "\"60\"", "true", "null", "1e3"}) {
    EXPECT_EQ(grant_fault(R"({"userId":"a","expiresIn":)" + std::string(expiry) + "}"),
              "expiresIn is not a whole number of seconds over 0")
        << expiry;
  }
}

TEST(WebhookGrant, AnExpiryIsBounded) {
  EXPECT_EQ(grant(R"({"userId":"a","expiresIn":18446744073709551615})").expires_in,
            std::chrono::seconds(1'000'000'000));
}

TEST(WebhookGrant, DeepNestingIsAFaultNotACrash) {
  const std::string deep = std::string(30'000, '[') + std::string(30'000, ']');
  EXPECT_EQ(grant_fault(R"({"userId":"a","metadata":{"x":)" + deep + "}}"),
            "the response is nested too deeply");
}

TEST(WebhookRooms, AllowsThoseThatWereAskedFor) {
  const auto read = read_webhook_rooms(R"({"rooms":["b","c","a"]})", {"a", "b"});
  EXPECT_THAT(std::get<std::vector<std::string>>(read), ElementsAre("b", "a"));
}

TEST(WebhookRooms, AnyOtherTypeIsAFault) {
  const auto fault = [](std::string_view body) {
    return std::get<WebhookFault>(read_webhook_rooms(body, {"a"})).what;
  };
  EXPECT_EQ(fault("{}"), "rooms is missing");
  EXPECT_EQ(fault(R"({"rooms":{}})"), "rooms is not an array");
  EXPECT_EQ(fault(R"({"rooms":[null]})"), "rooms has an entry that is not a string");
  EXPECT_EQ(fault("true"), "the response is not a JSON object");
}

}  // namespace
}  // namespace wscast::program
