#include "net/tls/certificate_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/tls_files.h"

namespace wscast::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CertificateSetTest : public testing::Test {
 protected:
  void add(const std::string& name, const test::TlsFiles::Wish& wish) {
    options_.certificates.push_back(files_.issue(name, wish));
  }

  void load() {
    faults_.clear();
    set_ = CertificateSet::load(options_, std::chrono::system_clock::now(), faults_);
  }

  /// The subject of the certificate, of either kind, for a client that asks for `name`.
  std::string chosen(std::string_view name) {
    const X509* certificate = SSL_CTX_get0_certificate(set_->choose(name));
    std::array<char, 256> text{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text.data(),
                              text.size());
    return text.data();
  }

  test::TlsFiles files_;
  TlsOptions options_;
  std::vector<std::string> faults_;
  std::shared_ptr<const CertificateSet> set_;
};

TEST_F(CertificateSetTest, ChoosesByExactNameThenByWildcardElseTheFirst) {
  add("first", {.names = {"first.test"}});
  add("wild", {.names = {"*.example.com"}});
  add("exact", {.names = {"a.example.com"}});
  load();
  ASSERT_THAT(faults_, IsEmpty());
  EXPECT_EQ(chosen("a.example.com"), "a.example.com");
  EXPECT_EQ(chosen("A.Example.COM."), "a.example.com") << "case and a final dot mean nothing";
  EXPECT_EQ(chosen("b.example.com"), "*.example.com");
  EXPECT_EQ(chosen("x.b.example.com"), "first.test") << "a wildcard is one label";
  EXPECT_EQ(chosen("example.com"), "first.test");
  EXPECT_EQ(chosen("localhost"), "first.test");
  EXPECT_EQ(chosen(""), "first.test");
  EXPECT_EQ(chosen("."), "first.test");
}

TEST_F(CertificateSetTest, TheFirstOfTwoForOneNameCounts) {
  add("one", {.names = {"one.test", "both.test"}});
  add("two", {.names = {"two.test", "both.test"}});
  load();
  EXPECT_EQ(chosen("both.test"), "one.test");
  EXPECT_EQ(chosen("two.test"), "two.test");
}

TEST_F(CertificateSetTest, TwoKindsOfKeysForTheSameNamesStandForOne) {
  add("ecdsa", {.names = {"a.test", "b.test"}});
  add("rsa", {.names = {"b.test", "a.test"}, .rsa = true});
  add("other", {.names = {"c.test"}});
  load();
  ASSERT_THAT(faults_, IsEmpty());
  EXPECT_EQ(set_->choose("a.test"), set_->choose("b.test"));
  EXPECT_NE(set_->choose("a.test"), set_->choose("c.test"));
  SSL_CTX* both = set_->choose("a.test");
  std::vector<int> kinds;
  for (long i = SSL_CTX_set_current_cert(both, SSL_CERT_SET_FIRST); i == 1;  // NOLINT(*-long)
       i = SSL_CTX_set_current_cert(both, SSL_CERT_SET_NEXT)) {
    kinds.push_back(EVP_PKEY_get_base_id(SSL_CTX_get0_privatekey(both)));
  }
  EXPECT_THAT(kinds, testing::UnorderedElementsAre(EVP_PKEY_EC, EVP_PKEY_RSA));
}

TEST_F(CertificateSetTest, OneFaultOfManyIsEnoughAndEachIsNamed) {
  add("good", {});
  options_.certificates.push_back({.certificate = "/no/cert", .key = "/no/key"});
  options_.certificates.push_back({.certificate = "/no/other", .key = "/no/key"});
  load();
  EXPECT_EQ(set_, nullptr);
  EXPECT_THAT(faults_, ElementsAre(HasSubstr("/no/cert"), HasSubstr("/no/other")));
}

TEST_F(CertificateSetTest, AWeakKeyIsAFault) {
  add("weak", {.rsa = true, .rsa_bits = 1024});
  load();
  EXPECT_EQ(set_, nullptr);
  EXPECT_THAT(faults_, ElementsAre(testing::AllOf(HasSubstr(files_.file("weak.pem")),
                                                  HasSubstr("ee key too small"))));
}

TEST_F(CertificateSetTest, AnExpiredOneIsAWarning) {
  add("old", {.names = {"old.test"}, .expired = true});
  add("new", {.names = {"new.test"}});
  load();
  ASSERT_NE(set_, nullptr);
  EXPECT_THAT(set_->warnings(), ElementsAre(HasSubstr("old.test")));
  EXPECT_THAT(set_->summary(),
              testing::AllOf(HasSubstr("old.test until 20"), HasSubstr("new.test")));
}

}  // namespace
}  // namespace wscast::net
