#include "faults/external_victim.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

namespace wscast::faults {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(1);

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
  Stage reached = Stage::connected;
  for (const Step& step : {authenticate_step(), join_step(), publish_step()}) {
    between_();
    if (!ask(step)) return reached;
    reached = step.reached;
  }
  between_();
  if (handler_.close(id_)) return Stage::published;
  return await([this] { return !server_.get_client(id_); }) ? Stage::closed : Stage::published;
}

bool ExternalVictim::ask(const Step& step) {
  if (handler_.message(id_, step.text, false)) return false;
  return await([&] {
    const auto sent = transport_->sent();
    return std::ranges::any_of(
        sent, [&](const std::string& one) { return one.starts_with(step.answer); });
  });
}

bool ExternalVictim::await(const std::function<bool()>& holds) const {
  return patience_.await([&]() -> std::optional<bool> {
    if (holds()) return true;
    if (patience_.struck() && transport_->ready_state() != ReadyState::open) return holds();
    std::this_thread::sleep_for(kPoll);
    return std::nullopt;
  });
}

}  // namespace wscast::faults
