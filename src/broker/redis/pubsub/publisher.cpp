#include "broker/redis/pubsub/publisher.h"

#include "broker/redis/resp/command.h"
#include "broker/redis/resp/error_text.h"

namespace wscast::redis {

void Publisher::publish(std::string_view channel, std::string_view envelope, Done done,
                        std::size_t unsent, SteadyTime now) {
  if (!up_ || !fits(envelope.size(), unsent)) {
    finished_.push_back({std::move(done), {Backplane::down}});
    return;
  }
  append_command(commands_, {"PUBLISH", channel, envelope});
  in_flight_.push_back(
      {.done = std::move(done), .deadline = now + settings_.answer_timeout, .open = true});
  ++open_;
}

bool Publisher::fits(std::size_t bytes, std::size_t unsent) const {
  const std::size_t before = unsent + commands_.size() + in_flight_.size() * kItemBytes;
  return before == 0 || before + bytes <= settings_.max_unsent_bytes;
}

void Publisher::command(std::span<const std::string_view> words, OnReply on_reply) {
  if (!up_) return;
  append_command(commands_, words);
  in_flight_.push_back({.on_reply = std::move(on_reply)});
}

void Publisher::query(std::span<const std::string_view> words, OnAnswer on_answer,
                      std::size_t unsent, std::optional<SteadyTime> deadline) {
  std::size_t bytes = 0;
  for (const std::string_view word : words) bytes += word.size();
  if (!up_ || !fits(bytes, unsent)) return finish(std::move(on_answer), false);
  append_command(commands_, words);
  in_flight_.push_back({.deadline = deadline.value_or(SteadyTime()),
                        .open = deadline.has_value(),
                        .on_answer = std::move(on_answer)});
  if (deadline) ++open_;
}

bool Publisher::on_reply(const RespValue& reply) {
  if (in_flight_.empty()) return false;
  InFlight command = std::move(in_flight_.front());
  in_flight_.pop_front();
  if (expired_ > 0) --expired_;
  if (command.on_answer) {
    if (command.open) --open_;
    command.on_answer({&reply});
  } else if (command.open) {
    finish(command, outcome_of(reply));
  } else if (command.on_reply) {
    command.on_reply(reply);
  }
  return true;
}

void Publisher::on_disconnected() {
  up_ = false;
  commands_.clear();
  for (auto& command : in_flight_) {
    if (command.open) finish(command, {Backplane::unknown});
    if (command.on_answer) finish(std::exchange(command.on_answer, {}), true);
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
void Publisher::finish(InFlight& command, const Published& published) {
  if (command.on_answer) {
    finish(std::exchange(command.on_answer, {}), true);
  } else {
    finished_.push_back({std::exchange(command.done, {}), published});
  }
  command.open = false;
  --open_;
}

void Publisher::finish(OnAnswer on_answer, bool sent) {
  finished_.push_back({[on_answer = std::move(on_answer), sent](const Published&) {
                         on_answer({nullptr, sent});
                       },
                       {}});
}

Published Publisher::outcome_of(const RespValue& reply) {
  if (reply.kind == RespValue::Kind::integer) return {Backplane::ok, reply.integer};
  if (reply.kind != RespValue::Kind::error) return {Backplane::unknown};
  refusal_ = error_text(reply);
  return {Backplane::down, 0, refusal_};
}

}  // namespace wscast::redis
