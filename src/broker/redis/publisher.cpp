#include "broker/redis/publisher.h"

#include <array>

#include "broker/redis/command.h"
#include "broker/redis/error_words.h"

namespace wscast::redis {

void Publisher::publish(std::string_view channel, std::string_view envelope, Done done,
                        std::size_t unsent, SteadyTime now) {
  const std::size_t before = unsent + commands_.size() + under_way_.size() * kItemBytes;
  const bool fits = before == 0 || before + envelope.size() <= settings_.max_unsent_bytes;
  if (!up_ || !fits) {
    finished_.push_back({std::move(done), {Backplane::down}});
    return;
  }
  const std::array<std::string_view, 3> words{"PUBLISH", channel, envelope};
  append_command(commands_, words);
  under_way_.push_back({std::move(done), {}, now + settings_.answer_timeout, true});
  ++open_;
}

void Publisher::ask(std::span<const std::string_view> words, Answer answer) {
  if (!up_) return;
  append_command(commands_, words);
  under_way_.push_back({{}, std::move(answer)});
}

bool Publisher::on_reply(const Reply& reply) {
  if (under_way_.empty()) return false;
  UnderWay command = std::move(under_way_.front());
  under_way_.pop_front();
  if (judged_ > 0) --judged_;
  if (command.open) {
    finish(command, validate(reply));
  } else if (command.answer) {
    command.answer(reply);
  }
  return true;
}

void Publisher::on_link_down() {
  up_ = false;
  commands_.clear();
  for (auto& command : under_way_) {
    if (command.open) finish(command, {Backplane::unknown});
  }
  under_way_.clear();
  judged_ = 0;
}

void Publisher::on_time(SteadyTime now) {
  // A late one stays under way, so that its answer is still known to be its own.
  for (; judged_ < under_way_.size(); ++judged_) {
    UnderWay& command = under_way_[judged_];
    if (!command.open) continue;
    if (command.deadline > now) break;
    finish(command, {Backplane::unknown});
  }
}

std::optional<SteadyTime> Publisher::next_deadline() const {
  for (auto at = judged_; at < under_way_.size(); ++at) {
    if (under_way_[at].open) return under_way_[at].deadline;
  }
  return std::nullopt;
}

void Publisher::finish(UnderWay& message, const Published& published) {
  finished_.push_back({std::move(message.done), published});
  message.done = {};
  message.open = false;
  --open_;
}

Published Publisher::validate(const Reply& reply) {
  if (reply.kind == Reply::Kind::integer) return {Backplane::ok, reply.integer};
  if (reply.kind != Reply::Kind::error) return {Backplane::unknown};
  refusal_ = words_of(reply);
  return {Backplane::down, 0, refusal_};
}

}  // namespace wscast::redis
