#include "auth/jwks_schedule.h"

#include <utility>

#include "http_client/http_url.h"

namespace wscast::program {

std::vector<std::string> JwksRefreshOptions::validate() const {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  std::vector<std::string> faults;
  const auto check = [&faults](bool good, const char* sentence) {
    if (!good) faults.emplace_back(sentence);
  };
  check(is_http_url(url, UrlUser::allowed),
        "url: must begin with https:// or http:// and be a URL without a fragment.");
  check(refresh >= seconds(1) && refresh <= hours(7 * 24), "refresh: must be 1s to 7 days.");
  check(min_interval >= seconds(1) && min_interval <= refresh,
        "min_interval: must be 1s to the value of refresh.");
  check(timeout >= std::chrono::milliseconds(1) && timeout <= minutes(1),
        "timeout: must be 1ms to 1m.");
  return faults;
}

JwksSchedule::JwksSchedule(const JwksRefreshOptions& options, std::function<double()> random)
    : options_(options),
      random_(std::move(random)),
      backoff_(options.min_interval, options.refresh) {}

void JwksSchedule::started(Time now) {
  under_way_ = true;
  ever_started_ = true;
  started_at_ = now;
}

void JwksSchedule::finished(bool good, Time now) {
  constexpr double jitter = 0.1;
  under_way_ = false;
  if (good) {
    backoff_.reset();
    due_ = now + std::chrono::duration_cast<std::chrono::milliseconds>(options_.refresh *
                                                                       (1 - jitter * random_()));
  } else {
    due_ = now + backoff_.next(random_());
  }
}

bool JwksSchedule::demand(Time now) {
  if (under_way_ || due_ <= now) return true;
  if (ever_started_ && now - started_at_ < options_.min_interval) return false;
  due_ = now;
  return true;
}

}  // namespace wscast::program
