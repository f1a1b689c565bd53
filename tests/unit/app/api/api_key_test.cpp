#include "api/api_key.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

TEST(ApiKey, IsReadFieldByField) {
  ApiKey key;
  EXPECT_EQ(key.set("name", {"backend"}), "");
  EXPECT_EQ(key.set("key", {"0123456789abcdef"}), "");
  EXPECT_EQ(key.fault(), "the key of \"backend\" needs scopes: publish, read or admin");
  EXPECT_EQ(key.set("scopes", {"publish", "read"}), "");
  EXPECT_EQ(key.fault(), "");
  EXPECT_TRUE(key.has(Scope::publish));
  EXPECT_TRUE(key.has(Scope::read));
  EXPECT_FALSE(key.has(Scope::admin));
}

TEST(ApiKey, SaysWhatIsWrong) {
  ApiKey key;
  EXPECT_EQ(key.fault(), "a key needs a name, for the log");
  EXPECT_EQ(key.set("name", {"a", "b"}), "takes one value, not a list");
  EXPECT_EQ(key.set("scopes", {"write"}), "\"write\" is not one of publish,read,admin");
  EXPECT_EQ(key.set("secret", {"x"}), "is no option of a key: name, key or scopes");
  key.set("name", {"a"});
  key.set("key", {"short"});
  EXPECT_EQ(key.fault(), "the key of \"a\" needs at least 16 characters");
}

TEST(ApiKeys, FindTheWholeKeyAlone) {
  const ApiKeys keys({{.name = "a", .key = "0123456789abcdef", .scopes = {Scope::read}},
                      {.name = "b", .key = "fedcba9876543210", .scopes = {Scope::admin}}});
  ASSERT_NE(keys.find("fedcba9876543210"), nullptr);
  EXPECT_EQ(keys.find("fedcba9876543210")->name, "b");
  EXPECT_EQ(keys.find("fedcba9876543210")->key, "") << "is not kept";
  for (const char* text : {"", "0123456789abcde", "0123456789abcdef ", "0123456789abcdefx"}) {
    EXPECT_EQ(keys.find(text), nullptr) << text;
  }
  EXPECT_EQ(ApiKeys().find(""), nullptr);
}

}  // namespace
}  // namespace wscast::program
