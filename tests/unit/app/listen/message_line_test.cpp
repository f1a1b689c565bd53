#include "listen/message_line.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace wscast::program {
namespace {

const std::chrono::system_clock::time_point kTime{std::chrono::milliseconds(1'769'860'800'007)};

std::string text(const std::string& message) {
  return message_line(message, kTime, LineFormat::text).substr(sizeof("2026-01-31T12:00:00.007Z"));
}

std::string json(const std::string& message) {
  return message_line(message, kTime, LineFormat::json);
}

TEST(MessageLine, HasTheDataAsItCame) {
  EXPECT_EQ(message_line(R"({"event":"chat","data":{"n": 1.50}})", kTime, LineFormat::text),
            R"(2026-01-31T12:00:00.007Z chat {"n": 1.50})");
  EXPECT_EQ(text(R"({"event":"chat"})"), "chat");
  EXPECT_EQ(text(R"({"event":"chat","data":null,"room":"team-7"})"), "[team-7] chat null");
}

TEST(MessageLine, ANameThatIsNotPlainIsQuoted) {
  EXPECT_EQ(text(R"({"event":"a b"})"), R"("a b")");
  EXPECT_EQ(text(R"({"event":"a\u001b[31m\nb"})"), R"("a\u001b[31m\nb")");
  EXPECT_EQ(text(R"({"event":"","room":"] x"})"), R"(["] x"] "")");
}

TEST(MessageLine, WhatIsNotOfTheProtocolIsAString) {
  for (const char* message : {"hello", "[1]", "{}", R"({"event":1})", "\x1b[2J", ""}) {
    EXPECT_EQ(text(message).front(), '"') << message;
    EXPECT_EQ(text(message).back(), '"') << message;
    EXPECT_EQ(nlohmann::json::parse(json(message))["text"], message);
  }
}

TEST(MessageLine, AsJsonItIsOneObject) {
  EXPECT_EQ(json(R"({"event":"a b","data":[1, 2],"id":7,"room":"r"})"),
            R"({"time":"2026-01-31T12:00:00.007Z","room":"r","event":"a b","data":[1, 2],"id":7})");
  const std::string line = json("{\"event\":\"\u009b\",\"data\":\"\x7f\n\"}");
  EXPECT_EQ(line.find('\n'), std::string::npos);
  for (const char c : line) EXPECT_TRUE(c >= ' ' && c < 0x7f) << line;
  EXPECT_TRUE(nlohmann::json::accept(line));
}

}  // namespace
}  // namespace wscast::program
