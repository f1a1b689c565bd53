#include "broker/redis/pubsub/publisher.h"

#include <array>

#include "broker/redis/resp/command.h"
#include "broker/redis/resp/error_text.h"

namespace wscast::redis {

void Publisher::publish(std::string_view channel, std::string_view envelope, Done done,
                        std::size_t unsent, SteadyTime now) {
  if (!accepts(envelope.size(), unsent)) {
    finished_.push_back({std::move(done), {Backplane::down}});
    return;
  }
  InFlight message{.deadline = now + settings_.answer_timeout, .open = true};
  message.finished.push_back({std::move(done), {}});
  add(std::array<std::string_view, 3>{"PUBLISH", channel, envelope}, std::move(message));
  ++open_;
}

void Publisher::add(std::span<const std::string_view> words, InFlight command) {
  const std::size_t before = commands_.size();
  in_flight_.push_back(std::move(command));
  try {
    append_command(commands_, words);
  } catch (...) {
    commands_.resize(before);
    in_flight_.pop_back();
    throw;
  }
}

bool Publisher::fits(std::size_t bytes, std::size_t unsent) const {
  const std::size_t before = unsent + commands_.size() + in_flight_.size() * kItemBytes;
  return before == 0 || before + bytes <= settings_.max_unsent_bytes;
}

void Publisher::command(std::span<const std::string_view> words, OnReply on_reply) {
  if (!up_) return;
  add(words, {.on_reply = std::move(on_reply)});
}

void Publisher::query(std::span<const std::string_view> words, OnAnswer on_answer,
                      std::size_t unsent, std::optional<SteadyTime> deadline) {
  std::size_t bytes = 0;
  for (const std::string_view word : words) bytes += word.size();
  const bool sent = accepts(bytes, unsent);
  const Done unanswered = [on_answer, sent](const Published&) { on_answer({nullptr, sent}); };
  if (!sent) return finished_.push_back({unanswered, {}});
  InFlight query{.deadline = deadline.value_or(SteadyTime()),
                 .open = deadline.has_value(),
                 .on_answer = std::move(on_answer)};
  query.finished.push_back({unanswered, {}});
  add(words, std::move(query));
  if (deadline) ++open_;
}

/// A message's outcome is made before anything changes: that needs memory if Redis refused it.
bool Publisher::on_reply(const RespValue& reply) {
  if (in_flight_.empty()) return false;
  const bool is_message = in_flight_.front().open && !in_flight_.front().on_answer;
  Published outcome = is_message ? outcome_of(reply) : Published{};
  InFlight command = std::move(in_flight_.front());
  in_flight_.pop_front();
  if (expired_ > 0) --expired_;
  if (command.on_answer) {
    answer(command, reply);
  } else if (is_message) {
    finish(command, std::move(outcome));
  } else if (command.on_reply) {
    command.on_reply(reply);
  }
  return true;
}

void Publisher::answer(InFlight& query, const RespValue& reply) {
  if (std::exchange(query.open, false)) --open_;
  try {
    query.on_answer({&reply});
  } catch (...) {
    finish(query, {Backplane::unknown});
    throw;
  }
}

void Publisher::on_disconnected() {
  up_ = false;
  commands_.clear();
  for (auto& command : in_flight_) {
    if (command.open || command.on_answer) finish(command, {Backplane::unknown});
  }
  in_flight_.clear();
  expired_ = 0;
}

void Publisher::on_time(SteadyTime now) {
  // A late one stays in flight, so that its reply is still recognized.
  for (; expired_ < in_flight_.size(); ++expired_) {
    InFlight& command = in_flight_[expired_];
    if (!command.open) continue;
    if (command.deadline > now) break;
    finish(command, {Backplane::unknown});
  }
}

std::optional<SteadyTime> Publisher::next_deadline() const {
  for (auto at = expired_; at < in_flight_.size(); ++at) {
    if (in_flight_[at].open) return in_flight_[at].deadline;
  }
  return std::nullopt;
}

/// Of a query that came too late, its reply is still to be recognized.
void Publisher::finish(InFlight& command, Published published) noexcept {
  command.finished.front().published = std::move(published);
  finished_.splice(finished_.end(), command.finished);
  command.on_answer = {};
  if (command.open) --open_;
  command.open = false;
}

Published Publisher::outcome_of(const RespValue& reply) {
  if (reply.kind == RespValue::Kind::integer) return {Backplane::ok, reply.integer};
  if (reply.kind != RespValue::Kind::error) return {Backplane::unknown};
  refusal_ = error_text(reply);
  return {Backplane::down, 0, refusal_};
}

}  // namespace wscast::redis
