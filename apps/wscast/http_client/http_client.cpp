#include "http_client/http_client.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <new>
#include <optional>
#include <signal.h>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>

#include <curl/curl.h>

#include "http_client/transfer.h"
#include "validated.h"

namespace wscast::program {
namespace {

using Clock = Transfer::Clock;
using Transfers = std::vector<std::unique_ptr<Transfer>>;

constexpr std::chrono::hours kLongestPoll{1};
constexpr std::size_t kMaxUnderWay = 10'000;

struct CleanUpMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

using Multi = std::unique_ptr<CURLM, CleanUpMulti>;

Multi make_multi(std::size_t max_connections) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Multi multi(curl_multi_init());
  if (multi == nullptr) throw std::bad_alloc();
  // Idle connections are kept for as many requests as may be under way.
  curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS,
                    static_cast<long>(max_connections));  // NOLINT(*-long)
  return multi;
}

/// libcurl's own protection needs signals. The threads that it makes inherit this.
void block_sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

/// The requests that wait for their turn, and a count of all that are not finished. Any thread.
class WaitingTransfers {
 public:
  explicit WaitingTransfers(std::size_t max_unfinished) : max_unfinished_(max_unfinished) {}

  /// Returns why it was not added; null if it was, and moves from `transfer`.
  const char* add(std::unique_ptr<Transfer>& transfer) {
    const std::lock_guard lock(mutex_);
    if (closed_) return "cancelled, the program ends";
    if (unfinished_ >= max_unfinished_) return "too many requests wait";
    transfers_.push_back(std::move(transfer));
    ++unfinished_;
    return nullptr;
  }

  /// One that was added is finished.
  void count_finished() {
    const std::lock_guard lock(mutex_);
    --unfinished_;
  }

  /// Null if none waits.
  std::unique_ptr<Transfer> take() {
    const std::lock_guard lock(mutex_);
    if (transfers_.empty()) return nullptr;
    auto first = std::move(transfers_.front());
    transfers_.pop_front();
    return first;
  }

  Transfers take_expired(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    Transfers expired;
    for (auto& transfer : transfers_) {
      if (transfer->deadline() <= now) expired.push_back(std::move(transfer));
    }
    std::erase(transfers_, nullptr);
    return expired;
  }

  std::optional<Clock::time_point> next_deadline() const {
    const std::lock_guard lock(mutex_);
    std::optional<Clock::time_point> next;
    for (const auto& transfer : transfers_) {
      next = std::min(next.value_or(transfer->deadline()), transfer->deadline());
    }
    return next;
  }

  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

  /// From now on nothing is added.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }

 private:
  const std::size_t max_unfinished_;
  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<Transfer>> transfers_;
  std::size_t unfinished_ = 0;
  bool closed_ = false;
};

}  // namespace

std::vector<std::string> HttpClientOptions::validate() const {
  std::vector<std::string> faults;
  if (max_under_way < 1 || max_under_way > kMaxUnderWay) {
    faults.push_back("max_under_way: must be 1 to " + std::to_string(kMaxUnderWay) + ".");
  }
  if (!ca_file.empty() &&
      (std::filesystem::is_directory(ca_file) || !std::ifstream(ca_file).good())) {
    faults.push_back("ca_file: " + ca_file + " cannot be read.");
  }
  return faults;
}

/// The thread that waits for sockets, and what it works on.
class HttpClient::Loop {
 public:
  explicit Loop(const HttpClientOptions& options)
      : options_(options),
        waiting_(options.max_waiting + options.max_under_way),
        multi_(make_multi(options.max_under_way)),
        thread_([this] { run(); }) {}

  ~Loop() {
    waiting_.close();
    curl_multi_wakeup(multi_.get());
    thread_.join();
  }

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void submit(HttpRequest request, HttpDone done) {
    auto transfer = std::make_unique<Transfer>(std::move(request), std::move(done), Clock::now());
    if (const char* fault = waiting_.add(transfer)) {
      transfer->fail(fault, waiting_.closed());
    } else {
      curl_multi_wakeup(multi_.get());
    }
  }

 private:
  void run() {
    block_sigpipe();
    while (!waiting_.closed()) {
      start_some();
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      if (!finish_some()) curl_multi_poll(multi_.get(), nullptr, 0, poll_milliseconds(), nullptr);
    }
    cancel_all();
  }

  void start_some() {
    const auto now = Clock::now();
    for (const auto& late : waiting_.take_expired(now)) {
      fail(*late, "timed out while it waited for other requests");
    }
    while (under_way_.size() < options_.max_under_way) {
      auto transfer = waiting_.take();
      if (transfer == nullptr) return;
      start(std::move(transfer), now);
    }
  }

  void start(std::unique_ptr<Transfer> transfer, Clock::time_point now) {
    try {
      CURL* handle = transfer->start(options_.ca_file, now);
      auto& started = under_way_[handle];
      if (curl_multi_add_handle(multi_.get(), handle) != CURLM_OK) {
        under_way_.erase(handle);
        return fail(*transfer, "the request cannot be started");
      }
      started = std::move(transfer);
    } catch (const std::bad_alloc&) {
      fail(*transfer, "out of memory");
    }
  }

  void fail(Transfer& transfer, std::string_view why, bool cancelled = false) {
    waiting_.count_finished();
    transfer.fail(why, cancelled);
  }

  /// Whether any request was finished: then there is room for others.
  bool finish_some() {
    bool any = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      auto finished = under_way_.extract(message->easy_handle);
      curl_multi_remove_handle(multi_.get(), finished.key());  // `message` is gone from here on.
      waiting_.count_finished();
      finished.mapped()->finish(code);
      any = true;
    }
    return any;
  }

  int poll_milliseconds() const {
    const auto deadline = waiting_.next_deadline();
    if (!deadline) return static_cast<int>(std::chrono::milliseconds(kLongestPoll).count());
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
    return static_cast<int>(
        std::clamp<std::chrono::milliseconds>(left, std::chrono::milliseconds(0), kLongestPoll)
            .count());
  }

  void cancel_all() {
    constexpr std::string_view why = "cancelled, the program ends";
    for (const auto& [handle, transfer] : under_way_) {
      curl_multi_remove_handle(multi_.get(), handle);
      fail(*transfer, why, true);
    }
    under_way_.clear();
    while (const auto transfer = waiting_.take()) fail(*transfer, why, true);
  }

  const HttpClientOptions options_;
  WaitingTransfers waiting_;
  Multi multi_;
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> under_way_;  ///< Of the thread.
  std::thread thread_;
};

HttpClient::HttpClient(const HttpClientOptions& options) {
  loop_ = std::make_unique<Loop>(validated(options));
}

HttpClient::~HttpClient() = default;

void HttpClient::submit(HttpRequest request, HttpDone done) {
  loop_->submit(std::move(request), std::move(done));
}

}  // namespace wscast::program
