#include "api/request_target.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

/// PATH, QUERY and HOST of a target, each in brackets; `malformed`.
std::string parts_of(std::string_view target) {
  const auto read = read_target(target);
  if (!read) return "malformed";
  return "[" + std::string(read->path) + "][" + std::string(read->query) + "][" +
         std::string(read->host) + "]";
}

TEST(RequestTarget, OriginForm) {
  EXPECT_EQ(parts_of("/api/v1/stats"), "[/api/v1/stats][][]");
  EXPECT_EQ(parts_of("/api/v1/rooms?after=a%3F&limit=1?"),
            "[/api/v1/rooms][after=a%3F&limit=1?][]");
  EXPECT_EQ(parts_of("/http://x/y"), "[/http://x/y][][]");
  EXPECT_EQ(parts_of("//x/y"), "[//x/y][][]");
}

TEST(RequestTarget, AbsoluteForm) {
  EXPECT_EQ(parts_of("http://host/api/v1/stats"), "[/api/v1/stats][][host]");
  EXPECT_EQ(parts_of("HTTPS://host:8080/a?b=c"), "[/a][b=c][host:8080]");
  EXPECT_EQ(parts_of("http://[::1]:80/a"), "[/a][][[::1]:80]");
  EXPECT_EQ(parts_of("http://host"), "[/][][host]");
  EXPECT_EQ(parts_of("http://host?a/b"), "[/][a/b][host]");
}

TEST(RequestTarget, WithoutAHostOrWithAUserIsMalformed) {
  EXPECT_EQ(parts_of("http:///a"), "malformed");
  EXPECT_EQ(parts_of("http://"), "malformed");
  EXPECT_EQ(parts_of("http://user@host/a"), "malformed");
  EXPECT_EQ(parts_of("http://host/a@b"), "[/a@b][][host]");
}

TEST(RequestTarget, OtherFormsArePathsThatNothingHas) {
  EXPECT_EQ(parts_of("*"), "[*][][]");
  EXPECT_EQ(parts_of("host:80"), "[host:80][][]");
  EXPECT_EQ(parts_of("ftp://host/a"), "[ftp://host/a][][]");
  EXPECT_EQ(parts_of("http:/a"), "[http:/a][][]");
}

}  // namespace
}  // namespace wscast::program
