#include "faults/victim.h"

#include <chrono>

#include "integration/server_fixture.h"

namespace wscast::faults {
namespace {

using client::Event;

constexpr auto kPoll = std::chrono::milliseconds(10);

}  // namespace

Stage Victim::run() {
  const Stage reached = live();
  socket_.close();
  return reached;
}

Stage Victim::live() {
  between_();
  if (socket_.open(endpoint_of(address_), Patience::kLong) ||
      !socket_.send_raw("GET /handed-over HTTP/1.1\r\nHost: a-name-that-is-rather-long\r\n\r\n") ||
      socket_.read_response(Patience::kLong)) {
    return Stage::start;
  }
  between_();
  if (socket_.upgrade("/ws", {}, Patience::kLong)) return Stage::responded;
  between_();
  if (!authenticate()) return Stage::connected;
  Stage reached = Stage::authenticated;
  for (const Step& step : {join_step(), publish_step()}) {
    between_();
    if (!ask(step)) return reached;
    reached = step.reached;
  }
  between_();
  if (!socket_.send_close(1000) || !await(Event::Kind::close, {})) return Stage::published;
  return await(Event::Kind::end, {}) ? Stage::closed : Stage::published;
}

bool Victim::authenticate() {
  const std::string key = keys_ ? R"(,"publicKey":")" + keys_->public_key() + '"' : "";
  if (!ask(authenticate_step(key))) return false;
  encrypted_ = keys_.has_value();
  return !encrypted_ || keys_->learn_from(received_);
}

bool Victim::ask(const Step& step) {
  return socket_.send_text(encrypted_ ? keys_->seal(step.text) : step.text) &&
         await(Event::Kind::text, step.answer);
}

/// Whether such an event comes; others, which bystanders cause, are skipped.
bool Victim::await(Event::Kind kind, std::string_view start) {
  return patience_.await([&] { return look(kind, start); });
}

std::optional<bool> Victim::look(Event::Kind kind, std::string_view start) {
  const Event event = socket_.receive(kPoll);
  const bool sealed = encrypted_ && event.kind == Event::Kind::text;
  received_ = sealed ? keys_->open(event.payload).value_or("") : event.payload;
  if (event.kind == kind && received_.starts_with(start)) return true;
  if (event.kind == Event::Kind::end || event.kind == Event::Kind::reset ||
      event.kind == Event::Kind::close || event.kind == Event::Kind::failure) {
    return false;
  }
  return std::nullopt;
}

}  // namespace wscast::faults
