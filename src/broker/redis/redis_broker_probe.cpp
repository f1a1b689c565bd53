// RedisBroker's probe: a message to this server itself that goes round through both links.

#include <array>
#include <string>

#include "base/log.h"
#include "broker/redis/error_words.h"
#include "broker/redis/redis_broker.h"
#include "broker/redis/startup.h"

namespace wscast::redis {

void RedisBroker::on_probe_alarm() {
  const auto now = clock_.now();
  if (refused_at_ && now - *refused_at_ >= options_.probe_timeout) {
    refused_at_.reset();
    subscribe_link_->redial(refused_);
    return;
  }
  switch (probe_.on_time(now)) {
    case Probe::Step::wait:
      break;
    case Probe::Step::send:
      send_probe();
      break;
    case Probe::Step::mute:
      on_deaf("Redis at " + publish_link_->link().peer() + " has not answered for " +
                  in_milliseconds(options_.probe_timeout),
              {.publish_link = true});
      break;
    case Probe::Step::deaf:
      on_deaf("no message came back through Redis at " + subscribe_link_->link().peer() + " for " +
                  in_milliseconds(options_.probe_timeout),
              {.publish_link = !probe_.all_taken(), .subscribe_link = true});
      break;
  }
  probe_alarm_->ring_by(probe_.due());
}

void RedisBroker::send_probe() {
  const auto number = probe_.sent();
  const auto text = std::to_string(number);
  const std::array<std::string_view, 3> words{"PUBLISH", probe_channel_, text};
  publish_link_->ask(words, [this, number](const Reply& reply) { on_probe_answer(number, reply); });
  if (url_.kind != RedisUrl::Kind::sentinel) return;
  const std::array<std::string_view, 1> role{"ROLE"};
  publish_link_->ask(role, [this](const Reply& reply) { on_role(reply); });
}

/// A link on which a probe is refused is well: there is nothing to dial anew. What it would have
/// shown of the other link is not known.
void RedisBroker::on_probe_answer(std::uint64_t number, const Reply& reply) {
  probe_.on_taken(number, clock_.now());
  const bool refused = reply.kind == Reply::Kind::error;
  const std::string why =
      refused ? "Redis refuses PUBLISH " + probe_channel_ + ": " + words_of(reply) : "";
  if (refused) probe_.postpone(clock_.now());
  if (probe_refused_ != why) {
    probe_refused_ = why;
    note_fault();
    if (!ready_)
      log(refused ? LogLevel::error : LogLevel::info, refused ? why : "Redis takes probes again");
  }
  if (!refused) {
    probe_taken_ = true;
    end_deafness();
    announce_if_ready();
  } else if (ready_ && !is_temporary(reply)) {
    fail_start(why);
  }
}

/// An error is no answer: the user may not be allowed to ask.
void RedisBroker::on_role(const Reply& role) {
  if (role.kind != Reply::Kind::array || role.elements.empty()) return;
  if (role.elements[0].text == "master") return;
  on_deaf("Redis at " + publish_link_->link().peer() + " is not the master any more",
          {.publish_link = true, .subscribe_link = true});
}

void RedisBroker::on_deaf(const std::string& why, Redialled redialled) {
  if (!probe_.due()) return;
  probe_.stop();
  host_->counters().add(Counter::broker_no_deliveries);
  deaf_ = why;
  note_fault();
  if (redialled.subscribe_link) subscribe_link_->redial(why);
  if (redialled.publish_link) publish_link_->redial(why);
}

void RedisBroker::end_deafness() {
  if (deaf_.empty() || !probe_.well()) return;
  deaf_.clear();
  note_fault();
  log(LogLevel::info, "Redis: messages come back");
}

}  // namespace wscast::redis
