#include "auth/jwt/jwt_key_files.h"

#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/redis_process.h"

namespace wscast::program {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class JwtKeyFilesTest : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text) {
    const auto path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  wscast::test::ScratchFolder folder_;
};

TEST_F(JwtKeyFilesTest, OneLineFeedAtTheEndIsNotPartOfASecret) {
  for (const auto& [text, secret] :
       std::vector<std::pair<std::string, std::string>>{{"secret", "secret"},
                                                        {"secret\n", "secret"},
                                                        {"secret\r\n", "secret"},
                                                        {"secret\n\n", "secret\n"},
                                                        {"secret\r", "secret\r"},
                                                        {" se cret ", " se cret "},
                                                        {"", ""}}) {
    EXPECT_EQ(secret_in_file(file("secret.txt", text)), secret);
  }
}

TEST_F(JwtKeyFilesTest, EachFileIsRead) {
  const JwtKeyFiles files{.secret = file("a", "secret"),
                          .pems = {file("b", "pem"), file("c", "more")},
                          .jwks = file("d", "{}")};
  std::vector<std::string> faults;
  const auto sources = files.read(faults);
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(sources.secrets.at(0).text, "secret");
  EXPECT_EQ(sources.pems.at(1).text, "more");
  EXPECT_EQ(sources.pems.at(1).name, files.pems[1]);
  EXPECT_EQ(sources.jwks->text, "{}");
  EXPECT_FALSE(sources.jwks_is_public);
}

TEST_F(JwtKeyFilesTest, WhatCannotBeReadIsReportedAllAtOnce) {
  const JwtKeyFiles files{.secret = (folder_.path() / "missing").string(),
                          .pems = {folder_.path().string()},
                          .jwks = file("large", std::string(1024 * 1024 + 1, 'x'))};
  std::vector<std::string> faults;
  files.read(faults);
  EXPECT_THAT(faults,
              ElementsAre(HasSubstr("missing: cannot be read"), HasSubstr(": cannot be read"),
                          HasSubstr("large: is larger than 1 MiB")));
}

TEST_F(JwtKeyFilesTest, WithoutFilesThereIsNothing) {
  EXPECT_TRUE(JwtKeyFiles().empty());
  EXPECT_FALSE(JwtKeyFiles{.jwks = "x"}.empty());
  std::vector<std::string> faults;
  EXPECT_FALSE(JwtKeyFiles().read(faults).jwks);
}

}  // namespace
}  // namespace wscast::program
