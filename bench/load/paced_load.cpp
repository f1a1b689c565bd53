#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "client/swarm.h"
#include "load.h"
#include "session.h"
#include "watchdog.h"

namespace wscast::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kBeforeNumber = R"("n":")";
constexpr std::string_view kBeforeTime = R"("t":")";
constexpr std::string_view kDropped = R"({"event":"dropped")";

/// The number behind `before` in `message`; 0 when it is not there.
std::uint64_t number_in(std::string_view message, std::string_view before) {
  const std::size_t at = message.find(before);
  if (at == std::string_view::npos) return 0;
  message.remove_prefix(at + before.size());
  std::uint64_t number = 0;
  std::from_chars(message.data(), message.data() + message.size(), number);
  return number;
}

std::uint64_t microseconds_now() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch())
          .count());
}

/// Clients of one room, of which the first publishes at a steady pace; each checks that it gets
/// every message, in order. Measures once for each line on stdin, and prints what that found.
class PacedLoad final : public client::Swarm::Handler {
 public:
  explicit PacedLoad(const Arguments& arguments)
      : arguments_(arguments),
        padding_(arguments.size, 'x'),
        swarm_({.url = arguments.url, .connections = arguments.clients}, *this),
        last_(arguments.clients) {}

  void run() {
    Watchdog watchdog;
    while (ready_ < arguments_.clients) {
      swarm_.run_once(std::chrono::milliseconds(100));
      watchdog.look(ready_);
    }
    std::puts("ready");
    std::fflush(stdout);
    std::string line;
    while (std::getline(std::cin, line)) measure();
  }

  void on_open(std::size_t index) override { swarm_.send_text(index, authenticate_text(index)); }

  void on_message(std::size_t index, std::string_view message) override {
    if (is_connected_text(message)) {
      return swarm_.send_text(
          index, R"({"event":"join","data":{"rooms":[")" + arguments_.room + R"("]},"id":1})");
    }
    if (message.starts_with(R"({"event":"ack")")) {
      ++ready_;
      return;
    }
    if (message.starts_with(kDropped)) {
      ++notices_;
      return;
    }
    const std::uint64_t number = number_in(message, kBeforeNumber);
    if (number <= last_[index]) throw LoadFailure("a message came twice, or out of order");
    lost_ += number - last_[index] - 1;
    last_[index] = number;
    ++received_;
    latencies_.push_back(
        static_cast<std::uint32_t>(microseconds_now() - number_in(message, kBeforeTime)));
  }

  void on_closed(std::size_t, std::string_view cause) override {
    throw LoadFailure("a connection closed: " + std::string(cause));
  }

 private:
  void measure() {
    received_ = lost_ = notices_ = 0;
    latencies_.clear();
    const std::uint64_t first = published_;
    const auto begin = Clock::now();
    const auto step = std::chrono::nanoseconds(1'000'000'000) / arguments_.rate;
    while (Clock::now() < begin + arguments_.measured) {
      while (Clock::now() >= begin + step * static_cast<long>(published_ - first)) publish();
      swarm_.run_once(std::chrono::milliseconds(1));
    }
    await_all();
    report(published_ - first);
  }

  void publish() {
    ++published_;
    swarm_.send_text(0, R"({"event":"pub","data":{"room":")" + arguments_.room + R"(","n":")" +
                            std::to_string(published_) + R"(","t":")" +
                            std::to_string(microseconds_now()) + R"(","pad":")" + padding_ +
                            R"("}})");
  }

  /// Messages are lost, for the report, when they have not come within kPatience.
  void await_all() {
    const auto end = Clock::now() + kPatience;
    const auto all = [this](std::uint64_t last) { return last == published_; };
    while (!std::ranges::all_of(last_, all) && Clock::now() < end) {
      swarm_.run_once(std::chrono::milliseconds(10));
    }
    for (std::uint64_t& last : last_) {
      lost_ += published_ - last;
      last = published_;
    }
  }

  void report(std::uint64_t published) {
    std::ranges::sort(latencies_);
    const auto quantile = [this](double share) {
      if (latencies_.empty()) return std::uint32_t{0};
      return latencies_[static_cast<std::size_t>(share *
                                                 static_cast<double>(latencies_.size() - 1))];
    };
    std::printf(R"({"published": %llu, "received": %llu, "lost": %llu, "notices": %llu, )"
                R"("p50_us": %u, "p99_us": %u, "max_us": %u})"
                "\n",
                static_cast<unsigned long long>(published),
                static_cast<unsigned long long>(received_), static_cast<unsigned long long>(lost_),
                static_cast<unsigned long long>(notices_), quantile(0.5), quantile(0.99),
                quantile(1));
    std::fflush(stdout);
  }

  const Arguments& arguments_;
  const std::string padding_;
  client::Swarm swarm_;
  std::vector<std::uint64_t> last_;  ///< By client: the number of its last message.
  std::vector<std::uint32_t> latencies_;
  std::size_t ready_ = 0;
  std::uint64_t published_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t notices_ = 0;
};

}  // namespace

void run_paced(const Arguments& arguments) {
  PacedLoad(arguments).run();
}

}  // namespace wscast::bench
