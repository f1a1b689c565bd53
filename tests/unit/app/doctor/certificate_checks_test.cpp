#include "doctor/certificate_checks.h"

#include <gtest/gtest.h>

#include "support/tls_files.h"

namespace wscast::program {
namespace {

using namespace std::chrono_literals;
using Level = Finding::Level;

class CertificateChecks : public testing::Test {
 protected:
  Finding check(const CertificateFiles& pair, std::chrono::system_clock::time_point at) {
    return check_certificate(pair, "--tls-cert", at);
  }

  const std::chrono::system_clock::time_point now_ = std::chrono::system_clock::now();
  test::TlsFiles files_;
};

TEST_F(CertificateChecks, OneThatExpiresSoonIsAWarning) {
  const Finding finding = check(files_.issue("a"), now_);  // For a day.
  EXPECT_EQ(finding.level, Level::warning);
  EXPECT_NE(finding.what.find("localhost until 2"), std::string::npos) << finding.what;
}

TEST_F(CertificateChecks, OneThatHasExpiredIsAnError) {
  EXPECT_EQ(check(files_.issue("a", {.expired = true}), now_).level, Level::error);
  EXPECT_EQ(check(files_.issue("b"), now_ + 48h).level, Level::error);
}

TEST_F(CertificateChecks, WhatCannotBeReadOrDoesNotFitIsAnError) {
  const CertificateFiles a = files_.issue("a");
  const CertificateFiles b = files_.issue("b");
  EXPECT_EQ(check({.certificate = a.certificate, .key = b.key}, now_).level, Level::error);
  EXPECT_EQ(check({.certificate = files_.file("none.pem"), .key = a.key}, now_).level,
            Level::error);
}

}  // namespace
}  // namespace wscast::program
