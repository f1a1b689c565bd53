#include "broker/redis/discovery/redis_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Kind = RedisUrl::Kind;

RedisUrl read(std::string_view text) {
  std::string fault;
  const auto url = parse_redis_url(text, fault);
  EXPECT_TRUE(url) << text << ": " << fault;
  EXPECT_EQ(fault, "");
  return url.value_or(RedisUrl{});
}

std::string fault_of(std::string_view text) {
  std::string fault;
  EXPECT_FALSE(parse_redis_url(text, fault)) << text;
  EXPECT_TRUE(fault.ends_with('.')) << text << ": " << fault;
  return fault;
}

TEST(RedisUrl, ReadsOneServer) {
  const auto url = read("redis://cache.example:6380/3");
  EXPECT_EQ(url.kind, Kind::single);
  EXPECT_FALSE(url.tls);
  EXPECT_THAT(url.hosts, ElementsAre(Host{"cache.example", 6380}));
  EXPECT_EQ(url.user, "");
  EXPECT_EQ(url.password, "");
  EXPECT_EQ(url.database, 3);
}

TEST(RedisUrl, FillsInPortAndDatabase) {
  for (const auto* text : {"redis://localhost", "redis://localhost/", "redis://localhost/0"}) {
    const auto url = read(text);
    EXPECT_THAT(url.hosts, ElementsAre(Host{"localhost", 6379})) << text;
    EXPECT_EQ(url.database, 0) << text;
  }
  EXPECT_THAT(read("redis-sentinel://h/m").hosts, ElementsAre(Host{"h", 26379}));
  EXPECT_THAT(read("redis-cluster://h").hosts, ElementsAre(Host{"h", 6379}));
}

TEST(RedisUrl, ReadsTls) {
  const auto url = read("rediss://h:7000/1");
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.kind, Kind::single);
  EXPECT_THAT(url.hosts, ElementsAre(Host{"h", 7000}));
}

TEST(RedisUrl, ReadsUnixSockets) {
  const auto url = read("unix:///run/redis/redis.sock");
  EXPECT_EQ(url.kind, Kind::single);
  EXPECT_THAT(url.hosts, ElementsAre(Host{"/run/redis/redis.sock", 0}));
  EXPECT_EQ(url.database, 0);

  const auto full = read("unix://me:secret@/run/a@b:c.sock?db=2");
  EXPECT_THAT(full.hosts, ElementsAre(Host{"/run/a@b:c.sock", 0}));
  EXPECT_EQ(full.user, "me");
  EXPECT_EQ(full.password, "secret");
  EXPECT_EQ(full.database, 2);
}

TEST(RedisUrl, ReadsSentinels) {
  const auto url = read("redis-sentinel://u:p@a,b:26380,[::1]:26381/mymaster?db=4");
  EXPECT_EQ(url.kind, Kind::sentinel);
  EXPECT_THAT(url.hosts, ElementsAre(Host{"a", 26379}, Host{"b", 26380}, Host{"::1", 26381}));
  EXPECT_EQ(url.user, "u");
  EXPECT_EQ(url.password, "p");
  EXPECT_EQ(url.master_name, "mymaster");
  EXPECT_EQ(url.database, 4);
  EXPECT_EQ(read("redis-sentinel://a/m").database, 0);
}

TEST(RedisUrl, ReadsClusters) {
  const auto url = read("redis-cluster://:p@a:1,b,10.0.0.1:3");
  EXPECT_EQ(url.kind, Kind::cluster);
  EXPECT_THAT(url.hosts, ElementsAre(Host{"a", 1}, Host{"b", 6379}, Host{"10.0.0.1", 3}));
  EXPECT_EQ(url.password, "p");
  EXPECT_THAT(read("redis-cluster://a/").hosts, ElementsAre(Host{"a", 6379}));
}

TEST(RedisUrl, ReadsIpv6InBrackets) {
  EXPECT_THAT(read("redis://[::1]").hosts, ElementsAre(Host{"::1", 6379}));
  EXPECT_THAT(read("redis://[2001:db8::7]:6380/1").hosts, ElementsAre(Host{"2001:db8::7", 6380}));
  EXPECT_THAT(read("redis://[fe80::1%eth0]").hosts, ElementsAre(Host{"fe80::1%eth0", 6379}));
}

TEST(RedisUrl, DecodesUserAndPassword) {
  const auto login = [](std::string_view text) {
    const auto url = read("redis://" + std::string(text) + "@h:1/2");
    EXPECT_THAT(url.hosts, ElementsAre(Host{"h", 1})) << text;
    return url.user + "|" + url.password;
  };
  EXPECT_EQ(login("me:secret"), "me|secret");
  EXPECT_EQ(login(":secret"), "|secret");
  EXPECT_EQ(login("me"), "me|");
  EXPECT_EQ(login("me:"), "me|");
  EXPECT_EQ(login(""), "|");
  EXPECT_EQ(login("a%40b:%2f%3A%25+%c3%A9"), "a@b|/:%+\xc3\xa9");
  EXPECT_EQ(login("me:a:b"), "me|a:b");
  EXPECT_EQ(login("me:a@b"), "me|a@b");
  EXPECT_EQ(login(":%00"), std::string("|\0", 2));
}

TEST(RedisUrl, RefusesUnknownSchemes) {
  for (const auto* text : {"", "localhost", "localhost:6379", "http://h", "redis:/h", "redis:h",
                           "REDIS://h", " redis://h", "redis+tls://h"}) {
    EXPECT_THAT(fault_of(text), HasSubstr("begins with none of redis://")) << text;
  }
}

TEST(RedisUrl, RefusesEmptyAndOddHosts) {
  for (const auto* text :
       {"redis://", "redis:///1", "redis://:6379", "redis://me:secret@", "redis://me:secret@/1",
        "redis-cluster://", "redis-cluster://a,", "redis-cluster://a,,b", "redis-cluster://,a",
        "redis-sentinel:///m", "redis-sentinel://a,:1/m"}) {
    EXPECT_THAT(fault_of(text), HasSubstr("empty host")) << text;
  }
  for (const auto* text : {"redis://a b", "redis://a%20b", "redis://h#x", "redis://h\xc3\xa9",
                           "redis://a;b:1", "redis://h]"}) {
    EXPECT_THAT(fault_of(text), HasSubstr("no host name has")) << text;
  }
  for (const auto* text : {"redis://[]", "redis://[h]", "redis://[::1", "redis://[127.0.0.1]:1",
                           "redis://[:::1]", "redis://["}) {
    EXPECT_THAT(fault_of(text), HasSubstr("IPv6")) << text;
  }
  EXPECT_THAT(fault_of("redis://::1"), HasSubstr("in brackets"));
  EXPECT_THAT(fault_of("redis://h:1:2"), HasSubstr("in brackets"));
}

TEST(RedisUrl, RefusesBadPorts) {
  for (const auto* text :
       {"redis://h:", "redis://h:0", "redis://h:65536", "redis://h:-1", "redis://h:+1",
        "redis://h:x", "redis://h:1x", "redis://h: 1", "redis://[::1]:", "redis://[::1]1",
        "redis://[::1]x:1", "redis-cluster://a:1,b:x", "redis-sentinel://a:99999/m"}) {
    EXPECT_THAT(fault_of(text), HasSubstr("1 to 65535")) << text;
  }
  EXPECT_THAT(read("redis://h:65535").hosts, ElementsAre(Host{"h", 65535}));
}

TEST(RedisUrl, RefusesBadDatabases) {
  for (const auto* text : {"redis://h/x", "redis://h/-1", "redis://h/+1", "redis://h/1x",
                           "redis://h/1/", "redis://h//", "redis://h/99999999999",
                           "unix:///a?db=", "unix:///a?db=x", "redis-sentinel://h/m?db=-1"}) {
    EXPECT_THAT(fault_of(text), HasSubstr("database")) << text;
  }
}

TEST(RedisUrl, RefusesQueriesThatMeanNothing) {
  for (const auto* text : {"redis://h?db=1", "redis://h/1?db=1", "redis://h?", "rediss://h/?a=b",
                           "redis-cluster://h?db=1", "redis-cluster://h/?db=1"}) {
    EXPECT_THAT(fault_of(text), HasSubstr("only unix:// and redis-sentinel://")) << text;
  }
  for (const auto* text :
       {"unix:///a?", "unix:///a?x=1", "unix:///a?DB=1", "redis-sentinel://h/m?database=1"}) {
    EXPECT_THAT(fault_of(text), HasSubstr("?db=NUMBER")) << text;
  }
}

TEST(RedisUrl, RefusesWhatTheKindDoesNotHave) {
  EXPECT_THAT(fault_of("redis://a,b"), HasSubstr("several hosts"));
  EXPECT_THAT(fault_of("rediss://a:1,b:2/1"), HasSubstr("several hosts"));
  EXPECT_THAT(fault_of("redis-cluster://a/1"), HasSubstr("path"));
  for (const auto* text :
       {"redis-sentinel://a", "redis-sentinel://a/", "redis-sentinel://a,b/?db=1"}) {
    EXPECT_THAT(fault_of(text), HasSubstr("name of a master")) << text;
  }
  EXPECT_THAT(fault_of("redis-sentinel://a/m/1"), HasSubstr("slash"));
}

TEST(RedisUrl, RefusesWhatIsNoSocketPath) {
  for (const auto* text : {"unix://", "unix:///", "unix://run/a.sock", "unix://a", "unix://?db=1",
                           "unix://me:secret@", "unix://me:secret@run/a.sock"}) {
    EXPECT_THAT(fault_of(text), HasSubstr("no path of a socket")) << text;
  }
  EXPECT_EQ(read("unix:///" + std::string(106, 'x')).hosts.front().name.size(), 107u);
  EXPECT_THAT(fault_of("unix:///" + std::string(107, 'x')), HasSubstr("107 bytes"));
}

TEST(RedisUrl, RefusesBrokenEscapesAndControlCharacters) {
  for (const auto* text :
       {"redis://%@h", "redis://a:%4@h", "redis://a:%4g@h", "redis://%zz:a@h", "redis://a:%-1@h"}) {
    EXPECT_THAT(fault_of(text), HasSubstr("hex digits")) << text;
  }
  for (const auto& text : {std::string("redis://h\n"), std::string("redis://h\0", 10),
                           std::string("unix:///a\x7f"), std::string("redis-sentinel://h/m\t")}) {
    EXPECT_THAT(fault_of(text), HasSubstr("control character"));
  }
}

TEST(RedisUrl, FaultsNeverContainThePassword) {
  for (const auto* text :
       {"redis://me:hunter2@", "redis://me:hunter2@h:x", "redis://me:hunter2", "hunter2",
        "redis://me:hunter2/x@h", "redis://:hun/hunter2@h", "redis://:a?hunter2@", "me:hunter2@h",
        "redis://me:%hunter2@h", "redis://h?password=hunter2", "redis://a:hunter2#b@h:q",
        "unix://:x/hunter2@run", "redis-cluster://me:p,hunter2@a/1", "redis-sentinel://:hunter2@h",
        "redis://me:hunter2@h/hunter2", "redis://me:hunter2\n@h"}) {
    EXPECT_THAT(fault_of(text), Not(HasSubstr("hunter"))) << text;
  }
}

TEST(RedisUrl, HostsAreShownAsTheyAreWritten) {
  EXPECT_EQ((Host{"h", 6379}.text()), "h:6379");
  EXPECT_EQ((Host{"::1", 6379}.text()), "[::1]:6379");
  EXPECT_EQ((Host{"/run/a.sock", 0}.text()), "/run/a.sock");
}

}  // namespace
}  // namespace wscast::redis
