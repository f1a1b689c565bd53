#include "api/body.h"

#include <array>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using Type = BodyField::Type;

constexpr std::array kFields = {
    BodyField{"text", Type::text, ""}, BodyField{"texts", Type::texts, ""},
    BodyField{"number", Type::number, ""}, BodyField{"any", Type::any, ""},
    BodyField{"objects", Type::objects, ""}};

std::string fault(const std::string& json) {
  const auto read = Body::read(json, kFields);
  const auto* text = std::get_if<std::string>(&read);
  return text == nullptr ? "none" : *text;
}

TEST(Body, ReadsWhatTheFieldsSay) {
  const auto read = Body::read(
      R"( {"te\u0078t":"a\nb","texts":["x","y"],"number":7,"any": {"b":1.50, "a":[]} ,"objects":[{"c":1},{}]} )",
      kFields);
  const auto* body = std::get_if<Body>(&read);
  ASSERT_NE(body, nullptr) << std::get<std::string>(read);
  EXPECT_EQ(body->text("text"), "a\nb");
  EXPECT_EQ(body->texts("texts"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(body->number("number"), 7u);
  EXPECT_EQ(body->raw("any"), R"({"b":1.50, "a":[]})") << "as it is";
  EXPECT_EQ(body->objects("objects"), (std::vector<std::string>{R"({"c":1})", "{}"}));
}

TEST(Body, WhatIsMissingIsEmpty) {
  const auto read = Body::read("{}", kFields);
  const Body& body = std::get<Body>(read);
  EXPECT_FALSE(body.has("text"));
  EXPECT_EQ(body.text("text"), "");
  EXPECT_TRUE(body.texts("texts").empty());
  EXPECT_EQ(body.number("number"), std::nullopt);
}

TEST(Body, SaysWhatIsWrong) {
  const std::string no_object = "the body is no JSON object";
  for (const std::string json : {"", " ", "null", "[]", "1", "{", "{\"text\"}", "{\"text\":\"a\"",
                                 "{} {}", "{}x", "{,}", "{\"text\":\"a\",}"}) {
    EXPECT_EQ(fault(json), no_object) << json;
  }
  EXPECT_NE(fault("{\"text\":\"\xff\"}"), "none");
  EXPECT_EQ(fault(R"({"other":1})"), "\"other\" is no field of this call");
  EXPECT_EQ(fault(R"({"text":1})"), "\"text\" is not a text");
  EXPECT_EQ(fault(R"({"text":null})"), "\"text\" is not a text");
  EXPECT_EQ(fault(R"({"texts":"a"})"), "\"texts\" is not a list of texts");
  EXPECT_EQ(fault(R"({"texts":["a",1]})"), "\"texts\" is not a list of texts");
  for (const std::string number : {"-1", "1.5", "\"1\"", "1e3", "18446744073709551616"}) {
    EXPECT_EQ(fault("{\"number\":" + number + "}"), "\"number\" is not a whole number, 0 or more");
  }
  EXPECT_EQ(fault(R"({"objects":[1]})"), "\"objects\" is not a list of objects");
  EXPECT_EQ(fault(R"({"text":"a","text":"b"})"), "\"text\" stands there twice");
}

}  // namespace
}  // namespace wscast::program
