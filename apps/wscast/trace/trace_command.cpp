#include "trace/trace_command.h"

#include <array>
#include <cstdint>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <variant>

#include <CLI/CLI.hpp>

#include "exit_code.h"
#include "flags.h"
#include "interrupt.h"
#include "json_writer.h"
#include "terminal_json.h"
#include "trace/trace_steps.h"

namespace wscast::program {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPollEvery{500};
constexpr std::chrono::seconds kLeastDuration{1};
constexpr std::chrono::minutes kMostDuration{10};
constexpr std::string_view kCall = "/api/v1/traces";

/// What is behind the last message: clients that take it late.
constexpr int kPollsAfterEnd = 2;

std::string new_id() {
  constexpr std::size_t kDigits = 16;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::random_device random;
  std::string id;
  while (id.size() < kDigits) id += kHex[random() % kHex.size()];
  return id;
}

std::string start_body(const TraceArguments& arguments, const std::string& id) {
  const int targets =
      int{!arguments.room.empty()} + int{!arguments.user.empty()} + int{!arguments.client.empty()};
  if (targets != 1) {
    throw std::invalid_argument("trace needs one of --room ROOM, --user USER and --client ID");
  }
  if (arguments.duration < kLeastDuration || arguments.duration > kMostDuration) {
    throw std::invalid_argument("--duration is 1s to 10m");
  }
  const std::string messages = std::to_string(arguments.messages);
  const std::string seconds =
      std::to_string(std::chrono::ceil<std::chrono::seconds>(arguments.duration).count());
  return JsonObjectWriter()
      .text("id", id)
      .optional_text("room", arguments.room)
      .optional_text("user", arguments.user)
      .optional_text("client", arguments.client)
      .raw("messages", Json::text(messages))
      .raw("seconds", Json::text(seconds))
      .finish();
}

/// Why a call failed, printed; the exit code. 0: it did not.
int exit_code_of(const HttpResult& result) {
  if (const auto* error = std::get_if<HttpError>(&result)) return fail(error->what, kUnreachable);
  const auto& response = std::get<HttpResponse>(result);
  if (response.status == 200) return kDone;
  constexpr int kUnavailable = 503;
  if (response.status == kUnavailable) return fail(reason_in(response), kUnreachable);
  return fail(reason_in(response), response.status > kUnavailable ? kFailed : kRefused);
}

/// Until the next look, or a signal.
void wait(const Interrupt& interrupt) {
  constexpr milliseconds kStep{25};
  for (milliseconds waited{0}; waited < kPollEvery && !interrupt.asked(); waited += kStep) {
    std::this_thread::sleep_for(kStep);
  }
}

void note(const std::string& words) {
  std::cerr << "wscast: " << words << std::endl;
}

void note_end(const TraceSteps& steps, bool interrupted) {
  if (!steps.unanswered().empty()) {
    note(std::to_string(steps.unanswered().size()) +
         " servers did not answer: their steps are missing");
  }
  if (steps.lost() > 0) note(std::to_string(steps.lost()) + " steps were too many to be kept");
  if (!interrupted) note("messages followed: " + std::to_string(steps.messages()));
}

}  // namespace

void add_trace_flags(CLI::App& app, TraceArguments& arguments) {
  add_api_url(app, arguments.api);
  Flags which(app, "Which messages");
  which.text("--room", arguments.room, "ROOM", "Messages to this room");
  which.text("--user", arguments.user, "USER", "Messages that the clients of this user receive");
  which.text("--client", arguments.client, "ID", "Messages that this client receives");
  which.count("--messages", arguments.messages, "End after so many, at most 1000",
              {.least = 1, .most = 1'000});
  which.duration("--duration", arguments.duration, "End after this time, 1s to 10m", kPositive);
  Flags(app, "Options").on("--json", arguments.json, "Print each step as a JSON object");
  add_api_flags(app, arguments.api);
}

int trace(const TraceArguments& arguments) {
  const std::string id = new_id();
  const std::string body = start_body(arguments, id);
  ApiClient client(arguments.api, "trace");
  const Interrupt interrupt;
  if (const int code = exit_code_of(client.post(kCall, body)); code != kDone) return code;
  note("following messages; Ctrl-C ends it");
  TraceSteps steps;
  const std::string call = std::string(kCall) + "/" + id;
  for (int left = kPollsAfterEnd; left > 0 && !interrupt.asked();) {
    wait(interrupt);
    const HttpResult result = client.get(call);
    if (const int code = exit_code_of(result); code != kDone) return code;
    if (!steps.read(std::get<HttpResponse>(result).body)) {
      return fail("the server's response is not that of a trace", kRefused);
    }
    for (const std::string& line : arguments.json ? steps.take_json() : steps.take_lines()) {
      std::cout << (arguments.json ? terminal_json(line) : line) << '\n';
    }
    std::cout.flush();
    if (!std::cout) return fail("standard output cannot be written", kFailed);
    if (steps.ended()) --left;
  }
  note_end(steps, interrupt.asked());
  client.post(call + "/stop");
  return kDone;
}

}  // namespace wscast::program
