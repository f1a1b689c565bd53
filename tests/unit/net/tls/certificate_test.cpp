#include "net/tls/certificate.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "support/tls_files.h"

namespace wscast::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CertificateTest : public testing::Test {
 protected:
  std::string fault_of(const CertificateFiles& files) {
    std::string fault;
    EXPECT_FALSE(load_certificate(files, fault));
    return fault;
  }

  void write(const std::string& name, std::string_view text) {
    std::ofstream(files_.file(name)) << text;
  }

  test::TlsFiles files_;
};

TEST_F(CertificateTest, HasTheDnsNamesOfItsSanInLowerCase) {
  const auto pair = files_.issue("a", {.names = {"Example.COM", "*.example.com"}});
  std::string fault;
  const auto loaded = load_certificate(pair, fault);
  ASSERT_TRUE(loaded) << fault;
  EXPECT_THAT(loaded->names, ElementsAre("*.example.com", "example.com"));
  EXPECT_FALSE(loaded->invalid_at(std::chrono::system_clock::now()));
  EXPECT_EQ(loaded->expiry().size(), std::string_view("2027-01-31 12:00:00").size());
}

TEST_F(CertificateTest, IsFollowedByItsChain) {
  const auto pair = files_.issue("a");
  std::ofstream(pair.certificate, std::ios::app) << std::ifstream(files_.ca()).rdbuf();
  std::string fault;
  const auto loaded = load_certificate(pair, fault);
  ASSERT_TRUE(loaded) << fault;
  EXPECT_EQ(sk_X509_num(loaded->chain.get()), 1);
}

TEST_F(CertificateTest, ThatExpiredIsLoaded) {
  std::string fault;
  const auto loaded = load_certificate(files_.issue("old", {.expired = true}), fault);
  ASSERT_TRUE(loaded) << fault;
  EXPECT_TRUE(loaded->invalid_at(std::chrono::system_clock::now()));
}

TEST_F(CertificateTest, EachFaultIsOneSentenceThatNamesTheFile) {
  const auto good = files_.issue("good");
  const auto other = files_.issue("other");
  write("text", "hello");
  write("damaged", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  files_.encrypt_key("good", "locked.key");
  const std::string missing = files_.file("missing");

  EXPECT_EQ(fault_of({missing, good.key}), missing + ": No such file or directory");
  EXPECT_EQ(fault_of({good.certificate, missing}), missing + ": No such file or directory");
  EXPECT_EQ(fault_of({files_.file("text"), good.key}),
            files_.file("text") + " holds no PEM certificate");
  EXPECT_EQ(fault_of({files_.file("damaged"), good.key}),
            files_.file("damaged") + " holds no PEM certificate");
  EXPECT_EQ(fault_of({good.certificate, files_.file("text")}),
            files_.file("text") + " holds no PEM private key");
  EXPECT_EQ(fault_of({good.certificate, other.key}),
            "the key in " + other.key + " is not that of the certificate in " + good.certificate);
  EXPECT_THAT(fault_of({good.certificate, files_.file("locked.key")}), HasSubstr("passphrase"));
  EXPECT_THAT(fault_of({files_.folder().string(), good.key}), HasSubstr(files_.folder().string()));
}

TEST_F(CertificateTest, WithADamagedChainIsRefused) {
  const auto pair = files_.issue("a");
  std::ofstream(pair.certificate, std::ios::app)
      << "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_EQ(fault_of(pair), pair.certificate + " holds a certificate that is damaged");
}

TEST_F(CertificateTest, ALongFileIsNotRead) {
  const auto pair = files_.issue("a");
  write("long", std::string((1 << 20) + 1, 'x'));
  EXPECT_THAT(fault_of({files_.file("long"), pair.key}), HasSubstr("longer than 1 MiB"));
}

TEST(SelfSigned, IsForThisMachine) {
  const Certificate made = make_self_signed();
  EXPECT_THAT(made.names, ElementsAre("localhost"));
  EXPECT_EQ(X509_check_ip_asc(made.certificate.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(made.certificate.get(), "::1", 0), 1);
  EXPECT_FALSE(made.invalid_at(std::chrono::system_clock::now()));
}

}  // namespace
}  // namespace wscast::net
