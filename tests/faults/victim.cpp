#include "faults/victim.h"

#include <chrono>

#include "integration/server_fixture.h"

namespace wscast::faults {
namespace {

using client::Event;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(10);
constexpr auto kPatienceOnceStruck = milliseconds(150);
constexpr auto kPoll = milliseconds(10);

}  // namespace

Stage Victim::run() {
  const Stage reached = live();
  socket_.close();
  return reached;
}

Stage Victim::live() {
  between_();
  if (socket_.open(endpoint_of(address_), kPatience) ||
      !socket_.send_raw("GET /handed-over HTTP/1.1\r\nHost: a-name-that-is-rather-long\r\n\r\n") ||
      socket_.read_response(kPatience)) {
    return Stage::start;
  }
  between_();
  if (socket_.upgrade("/ws", {}, kPatience)) return Stage::responded;
  between_();
  if (!authenticate()) return Stage::connected;
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
  if (!socket_.send_close(1000) || !await(Event::Kind::close, {})) return Stage::published;
  return await(Event::Kind::end, {}) ? Stage::closed : Stage::published;
}

bool Victim::authenticate() {
  const std::string key = keys_ ? R"(,"publicKey":")" + keys_->public_key() + '"' : "";
  if (!ask(R"({"event":"authenticate","data":{"token":"victim, who has a rather long name")" + key +
               "}}",
           R"({"event":"connected")")) {
    return false;
  }
  encrypted_ = keys_.has_value();
  return !encrypted_ || keys_->learn_from(received_);
}

bool Victim::ask(std::string_view text, std::string_view answer) {
  return socket_.send_text(encrypted_ ? keys_->seal(text) : std::string(text)) &&
         await(Event::Kind::text, answer);
}

/// Whether such an event comes; others, which bystanders cause, are skipped.
bool Victim::await(Event::Kind kind, std::string_view start) {
  const auto begin = steady_clock::now();
  auto struck_at = steady_clock::time_point::max();
  while (steady_clock::now() < begin + kPatience) {
    const Event event = socket_.receive(kPoll);
    const bool sealed = encrypted_ && event.kind == Event::Kind::text;
    received_ = sealed ? keys_->open(event.payload).value_or("") : event.payload;
    if (event.kind == kind && received_.starts_with(start)) return true;
    if (event.kind == Event::Kind::end || event.kind == Event::Kind::reset ||
        event.kind == Event::Kind::close || event.kind == Event::Kind::failure) {
      return false;
    }
    const auto now = steady_clock::now();
    if (struck_at == steady_clock::time_point::max() && struck_()) struck_at = now;
    if (struck_at != steady_clock::time_point::max() && now > struck_at + kPatienceOnceStruck) {
      return false;
    }
  }
  ADD_FAILURE() << "no answer, although nothing has failed";
  return false;
}

}  // namespace wscast::faults
