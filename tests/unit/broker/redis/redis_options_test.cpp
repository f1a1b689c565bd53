#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/redis.h"

namespace wscast {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// The faults of options that `change` was done to.
template <typename Change>
std::vector<std::string> faults(Change change) {
  RedisOptions options;
  change(options);
  return options.validate();
}

TEST(RedisOptions, TheDefaultsWillDo) {
  EXPECT_THAT(RedisOptions{}.validate(), IsEmpty());
}

TEST(RedisOptions, TheUrlIsValidated) {
  EXPECT_THAT(faults([](auto& o) { o.url = "redis://h:0"; }),
              ElementsAre("The Redis URL has a port that is not 1 to 65535."));
}

TEST(RedisOptions, DurationsArePositive) {
  EXPECT_THAT(faults([](auto& o) { o.ready_timeout = milliseconds(0); }),
              ElementsAre("ready_timeout must be positive."));
  EXPECT_THAT(faults([](auto& o) { o.answer_timeout = milliseconds(-1); }),
              ElementsAre("answer_timeout must be positive."));
  EXPECT_THAT(faults([](auto& o) { o.probe_interval = milliseconds(0); }),
              ElementsAre("probe_interval must be positive."));
  EXPECT_THAT(faults([](auto& o) { o.probe_timeout = milliseconds(0); }),
              ElementsAre("probe_timeout must be positive."));
  EXPECT_THAT(faults([](auto& o) { o.probe_timeout = o.probe_interval; }),
              ElementsAre("probe_timeout must be over probe_interval."));
  EXPECT_THAT(faults([](auto& o) { o.min_reconnect_delay = milliseconds(0); }),
              ElementsAre("min_reconnect_delay must be positive."));
  EXPECT_THAT(
      faults([](auto& o) { o.min_reconnect_delay = o.max_reconnect_delay = milliseconds(0); }),
      ElementsAre("min_reconnect_delay must be positive.",
                  "max_reconnect_delay must be positive."));
  EXPECT_THAT(faults([](auto& o) { o.unsubscribe_after = milliseconds(-1); }),
              ElementsAre("unsubscribe_after must not be negative."));
  EXPECT_THAT(faults([](auto& o) { o.unsubscribe_after = milliseconds(0); }), IsEmpty());
}

TEST(RedisOptions, TheShortestReconnectDelayIsNotOverTheLongest) {
  EXPECT_THAT(faults([](auto& o) { o.min_reconnect_delay = milliseconds(401); }),
              ElementsAre("min_reconnect_delay must not be over max_reconnect_delay."));
  EXPECT_THAT(faults([](auto& o) { o.min_reconnect_delay = milliseconds(400); }), IsEmpty());
}

TEST(RedisOptions, ThePrefixIsPlainText) {
  EXPECT_THAT(faults([](auto& o) { o.prefix = "app:caf\xc3\xa9 *"; }), IsEmpty());
  EXPECT_THAT(faults([](auto& o) { o.prefix = "a\xff"; }), ElementsAre("prefix must be UTF-8."));
  for (const auto& prefix : {std::string("a\n"), std::string("a\0", 2), std::string("\x7f")}) {
    EXPECT_THAT(faults([&](auto& o) { o.prefix = prefix; }),
                ElementsAre("prefix must have no control characters."));
  }
}

TEST(RedisOptions, TheClientNameIsOneThatRedisTakes) {
  EXPECT_THAT(faults([](auto& o) { o.client_name = "chat-1"; }), IsEmpty());
  EXPECT_THAT(faults([](auto& o) { o.client_name = ""; }), IsEmpty());
  for (const auto* name : {"a b", "a\n", "caf\xc3\xa9"}) {
    EXPECT_THAT(faults([&](auto& o) { o.client_name = name; }),
                ElementsAre("client_name must be printable ASCII without spaces."));
  }
}

TEST(RedisOptions, CertificateAndKeyNeedEachOther) {
  EXPECT_THAT(faults([](auto& o) {
                o.tls = true;
                o.tls_certificate_file = "a.pem";
              }),
              ElementsAre("tls_certificate_file and tls_key_file need each other."));
  EXPECT_THAT(faults([](auto& o) {
                o.url = "rediss://h";
                o.tls_certificate_file = "a.pem";
                o.tls_key_file = "a.key";
              }),
              IsEmpty());
}

TEST(RedisOptions, FilesNeedTls) {
  const auto* const fault =
      "tls_ca_file, tls_certificate_file and tls_key_file need rediss:// or tls.";
  EXPECT_THAT(faults([](auto& o) { o.tls_ca_file = "ca.pem"; }), ElementsAre(fault));
  EXPECT_THAT(faults([](auto& o) { o.tls_certificate_file = o.tls_key_file = "a.pem"; }),
              ElementsAre(fault));
  EXPECT_THAT(faults([](auto& o) {
                o.url = "redis-sentinel://h/m";
                o.tls = true;
                o.tls_ca_file = "ca.pem";
              }),
              IsEmpty());
}

TEST(RedisOptions, UnixSocketsHaveNoTls) {
  EXPECT_THAT(faults([](auto& o) {
                o.url = "unix:///run/a.sock";
                o.tls = true;
              }),
              ElementsAre(HasSubstr("TCP only")));
}

TEST(RedisOptions, SizesAreNotZero) {
  EXPECT_THAT(faults([](auto& o) { o.max_publish_bytes = 0; }),
              ElementsAre("max_publish_bytes must not be 0."));
  EXPECT_THAT(faults([](auto& o) { o.max_receive_bytes = 0; }),
              ElementsAre("max_receive_bytes must not be 0."));
  EXPECT_THAT(faults([](auto& o) { o.max_unsent_bytes = 0; }),
              ElementsAre("max_unsent_bytes must not be 0."));
}

TEST(RedisOptions, WhatIsPublishedFitsWhereverItGoes) {
  EXPECT_THAT(faults([](auto& o) { o.max_receive_bytes = o.max_publish_bytes - 1; }),
              ElementsAre(HasSubstr("max_receive_bytes must not be under max_publish_bytes")));
  EXPECT_THAT(faults([](auto& o) { o.max_unsent_bytes = o.max_publish_bytes - 1; }),
              ElementsAre(HasSubstr("max_unsent_bytes must not be under max_publish_bytes")));
  EXPECT_THAT(
      faults([](auto& o) { o.max_publish_bytes = o.max_receive_bytes = o.max_unsent_bytes = 1; }),
      IsEmpty());
}

TEST(RedisOptions, ADurationThatNoClockCanAddIsAFault) {
  EXPECT_THAT(faults([](auto& o) { o.answer_timeout = milliseconds::max(); }),
              ElementsAre("answer_timeout must be at most a year."));
  EXPECT_THAT(faults([](auto& o) { o.unsubscribe_after = milliseconds::max(); }),
              ElementsAre("unsubscribe_after must be at most a year."));
  EXPECT_THAT(faults([](auto& o) { o.startup_wait = milliseconds::max(); }), IsEmpty());
  EXPECT_THAT(faults([](auto& o) { o.startup_wait = milliseconds(-1); }),
              ElementsAre("startup_wait must not be negative."));
}

TEST(RedisOptions, AllFaultsAreReportedAtOnce) {
  EXPECT_THAT(faults([](auto& o) {
                o.url = "redis://";
                o.prefix = "\n";
                o.probe_interval = milliseconds(0);
                o.tls_key_file = "a.key";
                o.max_unsent_bytes = 0;
              }),
              SizeIs(5));
}

}  // namespace
}  // namespace wscast
