#include "faults/external_victim.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"

namespace wscast::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(10);
constexpr auto kPatienceOnceStruck = milliseconds(150);
constexpr auto kPoll = milliseconds(1);

}  // namespace

Stage ExternalVictim::run() {
  const Stage reached = live();
  handler_.close(id_);  // Unknown, if the server has ended it.
  return reached;
}

Stage ExternalVictim::live() {
  between_();
  if (handler_.open(id_, transport_)) return Stage::start;
  // Without memory for it there is no client: the transport is closed.
  if (!await([this] { return server_.get_client(id_) || !transport_->sent().empty(); }) ||
      !transport_->sent().empty()) {
    return Stage::start;
  }
  between_();
  if (!ask(R"({"event":"authenticate","data":{"token":"victim, who has a rather long name"}})",
           R"({"event":"connected")")) {
    return Stage::connected;
  }
  between_();
  if (!ask(R"({"event":"join","data":{"rooms":["lobby","a room of the victim alone"]},"id":1})",
           R"({"event":"ack")")) {
    return Stage::authenticated;
  }
  between_();
  if (!ask(message("chat", R"({"room":"lobby","data":"from the victim"})"),
           R"({"event":"published")")) {
    return Stage::joined;
  }
  between_();
  if (handler_.close(id_)) return Stage::published;
  return await([this] { return !server_.get_client(id_); }) ? Stage::closed : Stage::published;
}

bool ExternalVictim::ask(std::string_view text, std::string_view answer) {
  if (handler_.message(id_, text, false)) return false;
  return await([&] {
    const auto sent = transport_->sent();
    return std::ranges::any_of(sent,
                               [&](const std::string& one) { return one.starts_with(answer); });
  });
}

bool ExternalVictim::await(const std::function<bool()>& holds) const {
  const auto begin = steady_clock::now();
  auto struck_at = steady_clock::time_point::max();
  while (steady_clock::now() < begin + kPatience) {
    if (holds()) return true;
    if (struck_() && transport_->ready_state() != ReadyState::open) return holds();
    const auto now = steady_clock::now();
    if (struck_at == steady_clock::time_point::max() && struck_()) struck_at = now;
    if (struck_at != steady_clock::time_point::max() && now > struck_at + kPatienceOnceStruck) {
      return false;
    }
    std::this_thread::sleep_for(kPoll);
  }
  ADD_FAILURE() << "no answer, although nothing has failed";
  return false;
}

}  // namespace wscast::faults
