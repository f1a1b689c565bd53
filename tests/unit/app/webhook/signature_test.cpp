#include "webhook/signature.h"

#include <fstream>
#include <stdexcept>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using Secrets = std::vector<std::string>;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const std::string kOther = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

std::string secret_of(std::size_t bytes) {
  std::string text = "whsec_";
  for (std::size_t i = 0; i < bytes / 3; ++i) text += "QUJD";
  if (bytes % 3 == 1) text += "QQ==";
  if (bytes % 3 == 2) text += "QUI=";
  return text;
}

TEST(WebhookSignature, IsTheOneOfStandardWebhooks) {
  const WebhookSigner signer(Secrets{kSecret});
  EXPECT_EQ(
      signer.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330, R"({"test": 2432232314})"),
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, TwoSecretsSignEachTheNewOneFirst) {
  const std::string one = WebhookSigner(Secrets{kSecret}).signature("m", 1, "x");
  const std::string other = WebhookSigner(Secrets{kOther}).signature("m", 1, "x");
  EXPECT_NE(one, other);
  EXPECT_EQ(WebhookSigner(Secrets{kOther, kSecret}).signature("m", 1, "x"), other + " " + one);
}

TEST(WebhookSignature, TheHeadersHaveIdTimeAndSignature) {
  const WebhookSigner signer(Secrets{kSecret});
  EXPECT_THAT(signer.headers("msg_1", 7, "{}"),
              ElementsAre("webhook-id: msg_1", "webhook-timestamp: 7",
                          "webhook-signature: " + signer.signature("msg_1", 7, "{}")));
}

TEST(WebhookSecret, Has24To64Bytes) {
  for (const std::size_t bytes : {24, 25, 26, 32, 63, 64}) {
    EXPECT_EQ(webhook_secret_fault(secret_of(bytes)), "") << bytes;
  }
  for (const std::size_t bytes : {0, 1, 23, 65, 1'000}) {
    EXPECT_EQ(webhook_secret_fault(secret_of(bytes)),
              "a webhook secret must have 24 to 64 bytes, this one has " + std::to_string(bytes));
  }
}

TEST(WebhookSecret, IsPaddedBase64AfterItsPrefix) {
  const std::string good = kOther.substr(6);
  for (const std::string& bad :
       {good.substr(0, good.size() - 1), good + "=", good + " ", " " + good, good + "\n",
        good.substr(0, good.size() - 4) + "HR9=", good.substr(0, 12) + "-_" + good.substr(14),
        "====" + good, good.substr(0, 8) + "=" + good.substr(9)}) {
    EXPECT_EQ(webhook_secret_fault("whsec_" + bad),
              "a webhook secret must be padded base64 after whsec_")
        << bad;
  }
  for (const std::string& bad : {good, std::string(), "WHSEC_" + good, "whsk_" + good}) {
    EXPECT_EQ(webhook_secret_fault(bad), "a webhook secret must begin with whsec_") << bad;
  }
}

TEST(WebhookSecret, OneOrTwoMakeAList) {
  EXPECT_THAT(webhook_secrets_faults(Secrets{kSecret, kOther}), ElementsAre());
  EXPECT_THAT(webhook_secrets_faults(Secrets{}), ElementsAre("secrets: there must be one."));
  EXPECT_THAT(webhook_secrets_faults(Secrets{kSecret, kOther, kSecret}),
              ElementsAre("secrets: there may be two at most."));
  EXPECT_THROW(WebhookSigner(Secrets{"whsec_"}), std::invalid_argument);
}

class WebhookSecretFile : public testing::Test {
 protected:
  ~WebhookSecretFile() override { std::filesystem::remove(file_); }

  Secrets read(const std::string& content) {
    std::ofstream(file_) << content;
    return read_webhook_secrets(file_);
  }

  std::string fault(const std::string& content) {
    try {
      read(content);
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  const std::filesystem::path file_ =
      std::filesystem::path(testing::TempDir()) / ("wscast-secret-" + std::to_string(::getpid()));
};

TEST_F(WebhookSecretFile, HasOneALine) {
  EXPECT_EQ(read(kSecret), Secrets{kSecret});
  EXPECT_EQ(read("\n  " + kSecret + " \r\n\n" + kOther + "\n"), (Secrets{kSecret, kOther}));
}

TEST_F(WebhookSecretFile, AFaultNamesTheFileAndNotTheSecret) {
  const std::string path = file_.string();
  EXPECT_EQ(fault(" \n"), path + ": has no webhook secret");
  EXPECT_EQ(fault(kSecret + "\n" + kOther + "\n" + kSecret),
            path + ": has more than two webhook secrets");
  EXPECT_EQ(fault(std::string(10'000, 'x')), path + ": is too long for webhook secrets");
  const std::string bad = fault("whsec_c2VjcmV0");
  EXPECT_THAT(bad, HasSubstr(path + ": a webhook secret must have 24 to 64 bytes"));
  EXPECT_THAT(bad, Not(HasSubstr("c2VjcmV0")));
  std::filesystem::remove(file_);
  EXPECT_THROW(read_webhook_secrets(file_), std::runtime_error);
  EXPECT_THROW(read_webhook_secrets(testing::TempDir()), std::runtime_error);
}

}  // namespace
}  // namespace wscast::program
