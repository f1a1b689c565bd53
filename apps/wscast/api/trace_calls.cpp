#include "api/trace_calls.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "wscast/trace.h"

#include "api/answers.h"
#include "api/problem.h"
#include "json_writer.h"

namespace wscast::program {
namespace {

using Type = BodyField::Type;

constexpr std::array kReportFields = {
    BodyField{"id", Type::text, ""}, BodyField{"running", Type::number, ""},
    BodyField{"messages", Type::number, ""}, BodyField{"eventsLost", Type::number, ""},
    BodyField{"events", Type::objects, ""}};
constexpr std::array kTimeField = {BodyField{"time", Type::number, ""}};

std::uint64_t number_or(const ApiCall& call, std::string_view name, std::uint64_t fallback) {
  // A number beyond all limits stays beyond them.
  constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
  return std::min(call.body.number(name).value_or(fallback), kMost);
}

std::uint64_t microseconds(std::chrono::system_clock::time_point time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count());
}

std::string event_json(const TraceEvent& event, const std::string& server_id) {
  const std::string time = std::to_string(microseconds(event.at));
  const std::string bytes = std::to_string(event.bytes);
  const std::string accepted = std::to_string(event.accepted);
  const std::string dropped = std::to_string(event.dropped);
  JsonObjectWriter out;
  out.raw("time", Json::text(time))
      .text("message", event.message)
      .text("step", to_string(event.step))
      .text("serverId", server_id);
  if (event.step == TraceStep::published || event.step == TraceStep::received) {
    out.text("event", event.event).raw("bytes", Json::text(bytes));
  }
  if (event.step == TraceStep::delivered) {
    out.raw("accepted", Json::text(accepted)).raw("dropped", Json::text(dropped));
  }
  return out.optional_text("client", event.client).optional_text("detail", event.detail).finish();
}

/// What a trace has noted: on one server, or on all.
struct Report {
  std::string_view id;
  std::uint64_t running = 0;  ///< Servers that follow further messages.
  std::uint64_t messages = 0;
  std::uint64_t events_lost = 0;
  std::vector<std::string> events{};

  std::string json() const {
    const auto number = [](std::uint64_t value) { return std::to_string(value); };
    const std::string running_text = number(running);
    const std::string messages_text = number(messages);
    const std::string lost_text = number(events_lost);
    const std::string events_text = json_array(events);
    return JsonObjectWriter()
        .text("id", id)
        .raw("running", Json::text(running_text))
        .raw("messages", Json::text(messages_text))
        .raw("eventsLost", Json::text(lost_text))
        .raw("events", Json::text(events_text))
        .finish();
  }
};

ApiResponse no_trace() {
  return problem(404, "there is no such trace");
}

/// The time that an event of another server has.
std::uint64_t time_of(const std::string& event) {
  const auto read = Body::read(event, kTimeField, Body::Unknown::skip);
  const auto* body = std::get_if<Body>(&read);
  return body == nullptr ? 0 : body->number("time").value_or(0);
}

}  // namespace

void handle_start_trace(const ApiCall& call, const Respond& respond) {
  StartTrace start{.id = call.body.text("id")};
  int targets = 0;
  for (const auto& [name, kind] :
       {std::pair{"room", TraceKind::room}, std::pair{"user", TraceKind::user},
        std::pair{"client", TraceKind::client}}) {
    if (!call.body.has(name)) continue;
    ++targets;
    start.kind = kind;
    start.target = call.body.text(name);
  }
  if (targets != 1) return respond(problem(400, R"(there is one of "room", "user" and "client")"));
  start.messages = number_or(call, "messages", start.messages);
  start.duration = std::chrono::seconds(
      number_or(call, "seconds", static_cast<std::uint64_t>(start.duration.count())));
  const auto error = call.parts.server.start_trace(start);
  if (error == Errc::invalid_text) {
    return respond(problem(400,
                           "an id is 1 to 64 letters, digits, - and _; a target is not empty; "
                           "\"messages\" is 1 to 1000, \"seconds\" 1 to 600"));
  }
  if (error == Errc::overloaded) {
    return respond(problem(429, "the server keeps 8 traces: stop one, or wait"));
  }
  if (error) return respond(error_response(error));
  respond(ok(JsonObjectWriter().text("id", start.id).finish()));
}

void handle_get_trace(const ApiCall& call, const Respond& respond) {
  const auto report = call.parts.server.get_trace(call.parameters[0]);
  if (!report) return respond(no_trace());
  Report all{.id = call.parameters[0],
             .running = report->ended ? 0u : 1u,
             .messages = report->messages,
             .events_lost = report->events_lost};
  for (const TraceEvent& event : report->events) {
    all.events.push_back(event_json(event, call.parts.server.server_id()));
  }
  respond(ok(all.json()));
}

void handle_stop_trace(const ApiCall& call, const Respond& respond) {
  if (!call.parts.server.stop_trace(call.parameters[0])) return respond(no_trace());
  respond(ok(R"({"stopped":1})"));
}

ApiResponse merge_started(const Gathered& gathered) {
  ApiResponse response = gathered.here;
  response.body = with_unanswered(std::move(response.body), gathered.unanswered);
  return response;
}

ApiResponse merge_trace(const Gathered& gathered) {
  const std::vector<Body> bodies = found(gathered, kReportFields);
  if (bodies.empty()) return not_found(gathered);
  Report all{.id = bodies.front().text("id")};
  std::vector<std::pair<std::uint64_t, std::string>> events;
  for (const Body& body : bodies) {
    all.running += body.number("running").value_or(0);
    all.messages = std::max(all.messages, body.number("messages").value_or(0));
    all.events_lost += body.number("eventsLost").value_or(0);
    for (const std::string& event : body.objects("events")) {
      events.emplace_back(time_of(event), event);
    }
  }
  // Steps of one server that have the same time stay in their order.
  std::ranges::stable_sort(events, {}, &std::pair<std::uint64_t, std::string>::first);
  for (auto& [time, event] : events) all.events.push_back(std::move(event));
  return ok(with_unanswered(all.json(), gathered.unanswered));
}

}  // namespace wscast::program
