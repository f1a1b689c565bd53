#include "api/idempotency.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/error.h"

namespace wscast::program {
namespace {

using Texts = std::vector<std::string>;
using std::chrono::seconds;

/// What the servers share: answers when the test says so.
class FakeStore {
 public:
  std::error_code store(const Store& call) {
    if (error) return error;
    ttls[std::string(call.key)] = call.ttl;
    waiting_.push_back([this, key = std::string(call.key), value = std::string(call.value),
                        replace = call.replace, on_result = call.on_result] {
      if (away) return on_result({});
      const auto [found, made] = texts.emplace(key, value);
      if (replace) found->second = value;
      on_result(made || replace ? StoreResult{StoreStatus::stored, {}}
                                : StoreResult{StoreStatus::present, found->second});
    });
    return {};
  }

  void answer() {
    while (!waiting_.empty()) {
      const auto calls = std::exchange(waiting_, {});
      for (const auto& call : calls) call();
    }
  }

  bool away = false;
  std::error_code error;
  std::map<std::string, std::string> texts;
  std::map<std::string, std::chrono::milliseconds> ttls;

 private:
  std::vector<std::function<void()>> waiting_;
};

class IdempotencyTest : public testing::Test {
 protected:
  using Instance = std::shared_ptr<Idempotency>;

  Instance make() {
    return std::make_shared<Idempotency>([this](const Store& call) { return store_.store(call); });
  }

  /// Begins a request of a server.
  void begin(const Instance& server, const std::string& key) {
    server->begin(
        key,
        [this](const ApiResponse& response) {
          bodies_.push_back(response.status == 200 ? response.body
                                                   : std::to_string(response.status));
        },
        now_, [this](const Respond& respond) { first_.push_back(respond); });
  }

  /// The same to its end; whether it was the first.
  bool request(const Instance& server, const std::string& key, const std::string& body = "1") {
    first_.clear();
    begin(server, key);
    store_.answer();
    if (first_.empty()) return false;
    first_.front()({.status = 200, .body = body});
    store_.answer();
    return true;
  }

  FakeStore store_;
  Instance here_ = make();
  Instance there_ = make();
  Idempotency::Time now_{std::chrono::hours(1)};
  std::vector<Respond> first_;
  Texts bodies_;
};

TEST_F(IdempotencyTest, ARepeatGetsTheFirstResponse) {
  EXPECT_TRUE(request(here_, "k", R"({"n":1})"));
  EXPECT_FALSE(request(here_, "k"));
  EXPECT_EQ(bodies_, (Texts{R"({"n":1})", R"({"n":1})"}));
  EXPECT_TRUE(request(here_, "other"));
}

TEST_F(IdempotencyTest, ARepeatWaitsForTheFirst) {
  for (int i = 0; i < 3; ++i) begin(here_, "k");
  store_.answer();
  ASSERT_EQ(first_.size(), 1u);
  EXPECT_TRUE(bodies_.empty());
  first_[0]({.status = 200, .body = "1"});
  EXPECT_EQ(bodies_, (Texts{"1", "1", "1"}));
}

TEST_F(IdempotencyTest, IsForgottenAfterFiveMinutes) {
  request(here_, "k");
  store_.texts.clear();
  now_ += std::chrono::minutes(5) - std::chrono::milliseconds(1);
  EXPECT_FALSE(request(here_, "k"));
  now_ += std::chrono::milliseconds(1);
  EXPECT_TRUE(request(here_, "k"));
}

TEST_F(IdempotencyTest, TheOldestIsForgottenWhenThereAreTooMany) {
  begin(here_, "open");
  store_.answer();
  for (int i = 0; i < 10'000; ++i) request(here_, std::to_string(i));
  store_.texts.clear();
  EXPECT_TRUE(request(here_, "0"));
  EXPECT_FALSE(request(here_, "9999"));
  EXPECT_FALSE(request(here_, "open")) << "is under way";
}

TEST_F(IdempotencyTest, ARepeatOnAnotherServerGetsTheFirstResponse) {
  EXPECT_TRUE(request(here_, "k", R"({"accepted":1})"));
  EXPECT_EQ(store_.ttls["idempotency:k"], std::chrono::minutes(5));
  EXPECT_FALSE(request(there_, "k"));
  EXPECT_EQ(bodies_, (Texts{R"({"accepted":1})", R"({"accepted":1})"}));
  store_.texts.clear();
  EXPECT_FALSE(request(there_, "k")) << "it has it itself now";
}

TEST_F(IdempotencyTest, WhileAnotherServerMakesItARepeatIsRefusedAndMayBeTriedAgain) {
  begin(here_, "k");
  store_.answer();
  EXPECT_EQ(store_.ttls["idempotency:k"], seconds(30)) << "in case that server ends";
  const Respond first = first_.at(0);
  begin(there_, "k");
  begin(there_, "k");
  store_.answer();
  EXPECT_EQ(bodies_, (Texts{"409", "409"}));
  first({.status = 200, .body = "1"});
  store_.answer();
  EXPECT_FALSE(request(there_, "k"));
  EXPECT_EQ(bodies_, (Texts{"409", "409", "1", "1"}));
}

TEST_F(IdempotencyTest, WithoutAStoreEachServerRemembersForItself) {
  store_.away = true;
  EXPECT_TRUE(request(here_, "k"));
  EXPECT_FALSE(request(here_, "k"));
  EXPECT_TRUE(request(there_, "k"));
  store_.error = Errc::overloaded;
  EXPECT_TRUE(request(here_, "other"));
  EXPECT_FALSE(request(here_, "other"));
}

}  // namespace
}  // namespace wscast::program
