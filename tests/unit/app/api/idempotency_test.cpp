#include "api/idempotency.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

class IdempotencyTest : public testing::Test {
 protected:
  Respond keep() {
    return [this](const ApiResponse& response) { bodies_.push_back(response.body); };
  }
  Respond begin(const std::string& key) { return idempotency_->begin(key, keep(), now_); }

  std::shared_ptr<Idempotency> idempotency_ = std::make_shared<Idempotency>();
  Idempotency::Time now_{std::chrono::hours(1)};
  std::vector<std::string> bodies_;
};

TEST_F(IdempotencyTest, ARepeatGetsTheFirstResponse) {
  begin("k")({.body = "first"});
  EXPECT_FALSE(begin("k"));
  EXPECT_EQ(bodies_, (std::vector<std::string>{"first", "first"}));
  EXPECT_TRUE(begin("other"));
}

TEST_F(IdempotencyTest, ARepeatWaitsForTheFirst) {
  const Respond first = begin("k");
  EXPECT_FALSE(begin("k"));
  EXPECT_FALSE(begin("k"));
  EXPECT_TRUE(bodies_.empty());
  first({.body = "late"});
  EXPECT_EQ(bodies_, (std::vector<std::string>{"late", "late", "late"}));
}

TEST_F(IdempotencyTest, IsForgottenAfterFiveMinutes) {
  begin("k")({.body = "first"});
  now_ += std::chrono::minutes(5) - std::chrono::milliseconds(1);
  EXPECT_FALSE(begin("k"));
  now_ += std::chrono::milliseconds(1);
  EXPECT_TRUE(begin("k"));
}

TEST_F(IdempotencyTest, TheOldestIsForgottenWhenThereAreTooMany) {
  const Respond open = begin("open");
  for (int i = 0; i < 10'000; ++i) begin(std::to_string(i))({});
  EXPECT_TRUE(begin("0"));
  EXPECT_FALSE(begin("9999"));
  EXPECT_FALSE(begin("open")) << "is under way";
}

}  // namespace
}  // namespace wscast::program
