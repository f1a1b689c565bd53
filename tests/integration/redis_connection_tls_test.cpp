#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connection_world.h"

namespace wscast::redis {
namespace {

using namespace std::chrono_literals;

using test::RedisProcess;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class RedisConnectionTlsTest : public testing::Test {
 protected:
  RedisProcess::Setup setup() const {
    return {.lines = {}, .sentinel = false, .tls_folder = certificates_.folder()};
  }

  /// What is tested is what Redis says, not that it says it soon: the machine may be busy.
  static void be_patient(ConnectionWorld& world) { world.options().answer_timeout = 20s; }

  test::Certificates certificates_;
};

TEST_F(RedisConnectionTlsTest, ACertificateOfTheCaServes) {
  RedisProcess redis(setup());
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    ConnectionWorld world("rediss://" + host + ":" + std::to_string(redis.port()));
    be_patient(world);
    world.options().tls_ca_file = certificates_.file("ca.pem");
    world.start();
    ASSERT_TRUE(world.await_ready());
    EXPECT_EQ(world.ask({"SET", "key", std::string(100'000, 'x')}), "OK");
    EXPECT_EQ(world.ask({"GET", "key"}), std::string(100'000, 'x'));
    EXPECT_THAT(world.losses(), IsEmpty());
  }
}

TEST_F(RedisConnectionTlsTest, ACertificateOfAnotherCaIsRefused) {
  RedisProcess redis(setup());
  for (const std::string file : {"other-ca.pem", ""}) {
    ConnectionWorld world(redis.url());
    be_patient(world);
    if (!file.empty()) world.options().tls_ca_file = certificates_.file(file);
    world.start();
    ASSERT_TRUE(world.await_lost());
    EXPECT_THAT(world.losses(), ElementsAre(AllOf(StartsWith("refused " + redis.address()),
                                                  HasSubstr("certificate verify failed"),
                                                  HasSubstr("self-signed certificate"))));
  }
}

TEST_F(RedisConnectionTlsTest, ACertificateForAnotherHostIsRefused) {
  auto elsewhere = setup();
  elsewhere.lines = {"bind 127.0.0.1 127.0.0.2"};
  RedisProcess redis(elsewhere);
  ConnectionWorld world("rediss://127.0.0.2:" + std::to_string(redis.port()));
  be_patient(world);
  world.options().tls_ca_file = certificates_.file("ca.pem");
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), ElementsAre(HasSubstr("IP address mismatch")));
}

TEST_F(RedisConnectionTlsTest, AClientCertificateIsShownWhenRedisWantsOne) {
  auto strict = setup();
  strict.lines = {"tls-auth-clients yes"};
  RedisProcess redis(strict);
  ConnectionWorld without(redis.url());
  be_patient(without);
  without.options().tls_ca_file = certificates_.file("ca.pem");
  without.start();
  ASSERT_TRUE(without.await_lost());
  EXPECT_THAT(without.losses(), ElementsAre(HasSubstr("certificate required")));

  ConnectionWorld with(redis.url());
  be_patient(with);
  with.options().tls_ca_file = certificates_.file("ca.pem");
  with.options().tls_certificate_file = certificates_.file("client.pem");
  with.options().tls_key_file = certificates_.file("client.key");
  with.start();
  ASSERT_TRUE(with.await_ready());
  EXPECT_EQ(with.ask({"PING"}), "PONG");
}

TEST_F(RedisConnectionTlsTest, AFileThatDoesNotServeIsNamedAndReadAgain) {
  RedisProcess redis(setup());
  ConnectionWorld world(redis.url());
  be_patient(world);
  world.options().tls_ca_file = certificates_.file("missing.pem");
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), ElementsAre(HasSubstr("missing.pem")));
  std::filesystem::copy(certificates_.file("ca.pem"), certificates_.file("missing.pem"));
  EXPECT_TRUE(world.await_ready());
}

TEST_F(RedisConnectionTlsTest, ARenewedCaIsReadAfterARefusal) {
  RedisProcess redis(setup());
  const std::string file = certificates_.file("renewed.pem");
  std::filesystem::copy(certificates_.file("other-ca.pem"), file);
  ConnectionWorld world(redis.url());
  be_patient(world);
  world.options().tls_ca_file = file;
  world.start();
  ASSERT_TRUE(world.await_lost());
  std::filesystem::copy(certificates_.file("ca.pem"), file,
                        std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(world.await_ready());
}

TEST_F(RedisConnectionTlsTest, APlainRedisOrAPlainConnectionIsReported) {
  RedisProcess plain;
  ConnectionWorld tls("rediss://" + plain.address());
  tls.options().tls_ca_file = certificates_.file("ca.pem");
  tls.start();
  ASSERT_TRUE(tls.await_lost());
  EXPECT_THAT(tls.losses(),
              ElementsAre("refused " + plain.address() + ": no answer to TLS within 1000 ms"));

  RedisProcess secure(setup());
  ConnectionWorld plain_connection("redis://" + secure.address());
  plain_connection.start();
  EXPECT_TRUE(plain_connection.await_lost());
}

}  // namespace
}  // namespace wscast::redis
