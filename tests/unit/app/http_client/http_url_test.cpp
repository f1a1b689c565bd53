#include "http_client/http_url.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

TEST(HttpUrl, AcceptsHttpAndHttpsWithAHost) {
  for (const char* good : {"http://a", "https://a.example:8443/x?y=z", "http://[::1]:80/"}) {
    EXPECT_TRUE(is_http_url(good, UrlUser::refused)) << good;
  }
  for (const char* bad :
       {"", "a", "ftp://a", "http:/a", "http:///a", "https://", "HTTP://a", "http://a#b",
        "http://a b", "http://a\n", "http://a:99999/", "file:///x"}) {
    EXPECT_FALSE(is_http_url(bad, UrlUser::allowed)) << bad;
  }
}

TEST(HttpUrl, AUserIsAllowedWhereItMayBe) {
  EXPECT_TRUE(is_http_url("http://user:password@a/", UrlUser::allowed));
  EXPECT_FALSE(is_http_url("http://user:password@a/", UrlUser::refused));
}

TEST(HttpUrl, IsShownWithoutWhatMayBeSecret) {
  EXPECT_EQ(shown_url("https://user:password@a.example:8443/x/y?token=secret"),
            "https://a.example:8443/x/y");
  EXPECT_EQ(shown_url("http://user@a"), "http://a/");
  EXPECT_EQ(shown_url("http://a/b?x#y"), "http://a/b");
  EXPECT_EQ(shown_url("http://"), "(an invalid URL)");
}

}  // namespace
}  // namespace wscast::program
