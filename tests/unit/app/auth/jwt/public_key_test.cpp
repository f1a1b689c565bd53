#include "auth/jwt/public_key.h"

#include <string>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/auth/jwt/test_keys.h"

namespace wscast::program {
namespace {

using testing::HasSubstr;
using testing::Not;

template <class Key>
std::string fault_of(const KeyOrFault<Key>& key) {
  const auto* fault = std::get_if<std::string>(&key);
  return fault == nullptr ? "" : *fault;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

TEST(PublicKeyTest, PublicKeysAndCertificatesAreRead) {
  for (const auto* pair : {&test::rsa_key(), &test::p256_key(), &test::p384_key()}) {
    for (const std::string& pem : {pair->public_pem(), pair->certificate_pem()}) {
      const auto read = public_key_of_pem(pem);
      ASSERT_EQ(fault_of(read), "");
      EXPECT_EQ(EVP_PKEY_eq(std::get<EvpKey>(read).get(), pair->key.get()), 1);
    }
  }
}

TEST(PublicKeyTest, OfACertificateChainTheFirstCounts) {
  const auto read =
      public_key_of_pem(test::p256_key().certificate_pem() + test::rsa_key().certificate_pem());
  ASSERT_EQ(fault_of(read), "");
  EXPECT_EQ(EVP_PKEY_eq(std::get<EvpKey>(read).get(), test::p256_key().key.get()), 1);
}

TEST(PublicKeyTest, OtherFilesAreFaults) {
  const std::string pem = test::p256_key().public_pem();
  EXPECT_EQ(fault_of(public_key_of_pem("")), "is not a PEM file");
  EXPECT_EQ(fault_of(public_key_of_pem("secret words")), "is not a PEM file");
  EXPECT_EQ(fault_of(public_key_of_pem(pem.substr(0, 60))), "is not a PEM file");
  EXPECT_EQ(fault_of(public_key_of_pem(pem + test::rsa_key().public_pem())),
            "holds more than one key; give each a file of its own");
  EXPECT_THAT(fault_of(public_key_of_pem(test::p256_key().private_pem())),
              HasSubstr("holds a private key"));
  EXPECT_EQ(fault_of(public_key_of_pem(replaced(pem, "PUBLIC KEY", "DH PARAMETERS"))),
            "holds neither a public key nor a certificate");
  EXPECT_EQ(fault_of(public_key_of_pem(replaced(pem, "PUBLIC KEY", "CERTIFICATE"))),
            "cannot be decoded as a CERTIFICATE");
}

TEST(PublicKeyTest, PrivateKeysAreReadWithoutAPassphrase) {
  EXPECT_EQ(fault_of(private_key_of_pem(test::p256_key().private_pem())), "");
  const std::string encrypted = test::pem_by([](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, test::p256_key().key.get(), EVP_aes_128_cbc(), "pass",
                                         4, nullptr, nullptr);
  });
  for (const std::string& pem : {encrypted, test::p256_key().public_pem(), std::string()}) {
    EXPECT_EQ(fault_of(private_key_of_pem(pem)),
              "holds no private key in PEM without a passphrase");
  }
}

TEST(PublicKeyTest, TheKeyFixesTheAlgorithms) {
  using enum JwtAlgorithm;
  const auto of = [](const test::KeyPair& pair) {
    return std::get<std::vector<JwtAlgorithm>>(algorithms_of(pair.key.get()));
  };
  EXPECT_THAT(of(test::rsa_key()), testing::ElementsAre(rs256, rs384, rs512, ps256));
  EXPECT_THAT(of(test::p256_key()), testing::ElementsAre(es256));
  EXPECT_THAT(of(test::p384_key()), testing::ElementsAre(es384));
}

TEST(PublicKeyTest, WeakAndStrangeKeysAreFaults) {
  const auto fault = [](EVP_PKEY* made) {
    const test::KeyPair pair(made);
    return fault_of(algorithms_of(pair.key.get()));
  };
  EXPECT_EQ(fault(EVP_RSA_gen(1'024)), "is an RSA key of 1024 bits; at least 2,048 are needed");
  EXPECT_EQ(fault(EVP_EC_gen("P-521")), "is on another curve than P-256 and P-384");
  EXPECT_EQ(fault(EVP_EC_gen("secp256k1")), "is on another curve than P-256 and P-384");
  EXPECT_EQ(fault(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")),
            "is neither an RSA nor an EC key");
}

}  // namespace
}  // namespace wscast::program
