#include "api/origin.h"

#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

constexpr const char* kListed = "https://admin.example";

/// Refuses what has no key; handles the rest.
class Next final : public RequestHandler {
 public:
  std::optional<ApiResponse> refuse(ApiRequest& head) override {
    if (!head.key.empty()) return std::nullopt;
    return ApiResponse{.status = 401};
  }
  void handle(const ApiRequest& /*request*/, Respond respond) override {
    later = std::move(respond);
  }
  Respond later{};
};

class OriginFilterTest : public testing::Test {
 protected:
  static ApiRequest request(std::string_view origin, std::string_view method = "GET") {
    return {.method = method, .host = "10.0.0.1:9090", .origin = origin, .key = "key"};
  }
  int refused(ApiRequest head) {
    const auto response = filter_.refuse(head);
    return response ? response->status : 0;
  }
  /// The origin that a response is shared with; empty: with none.
  static std::string shared_with(const ApiResponse& response) {
    for (const auto& [name, value] : response.headers) {
      if (name == "Access-Control-Allow-Origin") return value;
    }
    return {};
  }

  Next next_;
  OriginFilter filter_{next_, {kListed}};
};

TEST_F(OriginFilterTest, OwnPagesAndProgramsPass) {
  for (const char* origin : {"", "http://10.0.0.1:9090", "https://10.0.0.1:9090"}) {
    EXPECT_EQ(refused(request(origin)), 0) << origin;
    ApiRequest without_key = request(origin);
    without_key.key = {};
    EXPECT_EQ(refused(without_key), 401) << origin;
  }
}

TEST_F(OriginFilterTest, PagesOfOthersDoNot) {
  for (const char* origin : {"null", "http://10.0.0.1", "http://10.0.0.1:90901", "10.0.0.1:9090",
                             "http://", "https://admin.example:444", "http://admin.example"}) {
    EXPECT_EQ(refused(request(origin)), 403) << origin;
    EXPECT_EQ(refused(request(origin, "OPTIONS")), 403) << origin;
  }
  ApiRequest without_host = request("http://");
  without_host.host = {};
  EXPECT_EQ(refused(without_host), 403);
}

TEST_F(OriginFilterTest, AListedOneGetsEachResponse) {
  EXPECT_EQ(refused(request(kListed)), 0);
  ApiRequest without_key = request(kListed);
  without_key.key = {};
  EXPECT_EQ(shared_with(filter_.refuse(without_key).value_or(ApiResponse{})), kListed);
  std::optional<ApiResponse> got;
  {
    const std::string gone = kListed;
    filter_.handle(request(gone), [&got](ApiResponse response) { got = std::move(response); });
  }
  next_.later({.status = 404});
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->status, 404);
  EXPECT_EQ(shared_with(*got), kListed);
}

TEST_F(OriginFilterTest, ItsPreflightsNeedNoKey) {
  ApiRequest preflight = request(kListed, "OPTIONS");
  preflight.key = {};
  EXPECT_EQ(refused(preflight), 0);
  std::optional<ApiResponse> got;
  filter_.handle(preflight, [&got](ApiResponse response) { got = std::move(response); });
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(shared_with(*got), kListed);
  EXPECT_EQ(next_.later, nullptr);
}

TEST(ApiOrigin, IsWhatBrowsersSend) {
  for (const char* origin :
       {"https://admin.example", "http://localhost:3000", "http://[::1]:9090"}) {
    EXPECT_TRUE(is_api_origin(origin)) << origin;
  }
  for (const char* origin : {"", "*", "null", "https://", "admin.example", "ftp://a", "https://a/",
                             "https://A.example", "https://a@b", "https://a?b"}) {
    EXPECT_FALSE(is_api_origin(origin)) << origin;
  }
}

}  // namespace
}  // namespace wscast::program
