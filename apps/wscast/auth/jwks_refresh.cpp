#include "auth/jwks_refresh.h"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <variant>

#include "wscast/option_faults.h"

#include "http_client/http_url.h"
#include "http_client/jitter.h"
#include "logging.h"
#include "one_line.h"
#include "validated.h"

namespace wscast::program {
namespace {

using Clock = std::chrono::steady_clock;
using Waiting = std::vector<std::function<void()>>;

constexpr std::size_t kMaxBytes = 256 * 1024;
constexpr std::size_t kMaxWaiting = 1'024;

bool is_cancelled(const HttpResult& result) {
  const auto* error = std::get_if<HttpError>(&result);
  return error != nullptr && error->cancelled;
}

}  // namespace

/// What the thread, the callers and the result of a request share.
class JwksRefresh::Fetcher : public std::enable_shared_from_this<Fetcher> {
 public:
  Fetcher(HttpClient& client, const JwksRefreshOptions& options, Accept accept)
      : client_(client),
        options_(options),
        accept_(std::move(accept)),
        schedule_(options, random_jitter()) {}

  /// The thread.
  void run() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
      if (schedule_.under_way()) {
        changed_.wait(lock);
      } else if (schedule_.due() > Clock::now()) {
        changed_.wait_until(lock, schedule_.due());
      } else {
        schedule_.started(Clock::now());
        lock.unlock();
        fetch();
        lock.lock();
      }
    }
  }

  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  /// The thread has ended: whoever waits for a fetch that is not under way waits in vain.
  void release_waiting() {
    Waiting waiting;
    {
      const std::lock_guard lock(mutex_);
      if (!schedule_.under_way()) waiting.swap(waiting_);
    }
    for (const auto& then : waiting) then();
  }

  bool wait_for_first(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout, [this] { return finished_; });
    return accepted_;
  }

  std::string fault() {
    const std::lock_guard lock(mutex_);
    return fault_;
  }

  void demand(std::function<void()> then) {
    {
      const std::lock_guard lock(mutex_);
      if (!ended_ && waiting_.size() < kMaxWaiting && schedule_.demand(Clock::now())) {
        waiting_.push_back(std::move(then));
        changed_.notify_all();
        return;
      }
    }
    then();
  }

 private:
  void fetch() {
    client_.submit(HttpRequest{.url = options_.url,
                               .headers = {"Accept: application/jwk-set+json, application/json"},
                               .timeout = options_.timeout,
                               .max_response_bytes = kMaxBytes},
                   [self = shared_from_this()](const HttpResult& result) { self->finish(result); });
  }

  void finish(const HttpResult& result) {
    const std::string fault = use(result);
    Waiting waiting;
    {
      const std::lock_guard lock(mutex_);
      schedule_.finished(fault.empty(), Clock::now());
      finished_ = true;
      accepted_ = accepted_ || fault.empty();
      fault_ = fault;
      waiting.swap(waiting_);
      if (!is_cancelled(result)) log(fault);
      changed_.notify_all();
    }
    for (const auto& then : waiting) then();
  }

  /// Returns why the set was not accepted.
  std::string use(const HttpResult& result) const {
    if (const auto* error = std::get_if<HttpError>(&result)) return error->what;
    const auto& response = std::get<HttpResponse>(result);
    const std::string shown = shown_url(options_.url) + ": ";
    if (response.status != 200) return shown + "status " + std::to_string(response.status);
    const std::string faults = joined_faults(accept_(response.body));
    return faults.empty() ? "" : shown + faults;
  }

  void log(const std::string& fault) {
    if (fault.empty() && std::exchange(failing_, false)) {
      log_line(LogLevel::info, "jwks_recovered",
               "JWKS: " + shown_url(options_.url) + " works again");
    }
    if (!fault.empty() && !std::exchange(failing_, true)) {
      log_line(LogLevel::warning, "jwks_failed",
               "JWKS: the keys stay as they were, " + one_line(fault));
    }
  }

  HttpClient& client_;
  const JwksRefreshOptions options_;
  const Accept accept_;
  std::mutex mutex_;
  std::condition_variable changed_;
  JwksSchedule schedule_;
  Waiting waiting_;  ///< For the end of the fetch.
  std::string fault_ = "it was not fetched in time";
  bool finished_ = false;
  bool accepted_ = false;
  bool failing_ = false;
  bool ended_ = false;
};

JwksRefresh::JwksRefresh(HttpClient& client, const JwksRefreshOptions& options, Accept accept)
    : fetcher_(std::make_shared<Fetcher>(client, validated(options), std::move(accept))),
      thread_([fetcher = fetcher_] { fetcher->run(); }) {}

JwksRefresh::~JwksRefresh() {
  fetcher_->end();
  thread_.join();
  fetcher_->release_waiting();
}

bool JwksRefresh::wait_for_first(std::chrono::milliseconds timeout) {
  return fetcher_->wait_for_first(timeout);
}

std::string JwksRefresh::fault() const {
  return fetcher_->fault();
}

void JwksRefresh::demand(std::function<void()> then) {
  fetcher_->demand(std::move(then));
}

}  // namespace wscast::program
