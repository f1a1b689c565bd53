#include "emit.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <mutex>
#include <signal.h>
#include <stdexcept>
#include <string_view>

#include <CLI/CLI.hpp>

#include "wscast/emitter.h"

#include "exit_code.h"
#include "flags.h"
#include "one_line.h"
#include "progress.h"
#include "publish.h"

namespace wscast::program {
namespace {

constexpr auto kQueueFullPause = std::chrono::milliseconds(100);

/// Longer than any result may take.
constexpr auto kFlush = std::chrono::minutes(1);

// HistoryLimits::ttl.
constexpr auto kMinTtl = std::chrono::seconds(1);
constexpr auto kMaxTtl = std::chrono::hours(720);

/// Counts the results of the messages. Any thread.
class Outcomes {
 public:
  explicit Outcomes(bool verbose) : verbose_(verbose) {}

  void sent(const EmitResult& result) {
    const std::lock_guard lock(mutex_);
    ++all_;
    if (!verbose_) return;
    if (const auto& position = result.position) {
      std::cout << (result.repeated ? "sent before" : "sent") << ", offset " << position->offset
                << " in epoch " << position->epoch << std::endl;
    } else {
      std::cout << "sent, receivers at least " << result.receivers_at_least << std::endl;
    }
  }

  void failed(std::size_t line, const std::string& why) {
    const std::lock_guard lock(mutex_);
    ++all_;
    if (failed_++ == 0) {
      first_ = (line == 0 ? "" : "line " + std::to_string(line) + ": ") + why;
    }
  }

  /// Returns the exit code, and prints to standard error what was not sent.
  int report() const {
    const std::lock_guard lock(mutex_);
    if (failed_ == 0) return 0;
    std::string line = "not sent: " + first_;
    if (all_ > 1) {
      line = std::to_string(failed_) + " of " + std::to_string(all_) + " not sent; first " + first_;
    }
    std::cerr << "wscast: " << one_line(line) << std::endl;
    return kFailed;
  }

 private:
  const bool verbose_;
  mutable std::mutex mutex_;
  std::size_t all_ = 0;
  std::size_t failed_ = 0;
  std::string first_;
};

std::error_code emit_once(Emitter& emitter, const EmitArguments& to, std::string_view json,
                          OnEmitted on_result) {
  const Json data = Json::text(json);
  if (to.to == "client") {
    return emitter.to_client(
        {.client_id = to.name, .event = to.event, .data = data, .on_result = std::move(on_result)});
  }
  if (to.to == "user") {
    return emitter.to_user(
        {.user_id = to.name, .event = to.event, .data = data, .on_result = std::move(on_result)});
  }
  if (to.to == "room") {
    EmitToRoom call{.room = to.name,
                    .event = to.event,
                    .data = data,
                    .exclude = {},
                    .on_result = std::move(on_result),
                    .history = {},
                    .key = to.key};
    if (!to.exclude.empty()) call.exclude = to.exclude;
    if (to.history) call.history = to.limits;
    return emitter.to_room(call);
  }
  return emitter.broadcast({.event = to.event, .data = data, .on_result = std::move(on_result)});
}

std::string reason_for(const EmitResult& result) {
  std::string reason = result.error.message();
  if (!result.reason.empty()) reason += ": " + result.reason;
  return reason;
}

/// `line`: the line number in standard input, 0 if the text is not from there.
void emit_text(Emitter& emitter, const EmitArguments& arguments, Outcomes& outcomes,
               std::string_view json, std::size_t line) {
  const auto on_result = [&outcomes, line](const EmitResult& result) {
    if (result.error) return outcomes.failed(line, reason_for(result));
    outcomes.sent(result);
  };
  while (true) {
    const auto error = emit_once(emitter, arguments, json, on_result);
    if (error == Errc::queue_full) {
      emitter.flush(kQueueFullPause);
      continue;
    }
    if (error) outcomes.failed(line, error.message());
    return;
  }
}

void emit_lines(Emitter& emitter, const EmitArguments& arguments, Outcomes& outcomes) {
  Progress progress;
  std::string text;
  for (std::size_t line = 1; std::getline(std::cin, text); ++line) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    emit_text(emitter, arguments, outcomes, text, line);
    if (progress.due()) progress.say("line " + std::to_string(line));
  }
}

std::string key_fault(const std::string& key) {
  if (!key.empty() && key.size() <= kMaxPublishKeyBytes) return "";
  return "it must have 1 to " + std::to_string(kMaxPublishKeyBytes) + " bytes";
}

void add_history_flags(CLI::App& command, EmitArguments& arguments) {
  constexpr Range kSizes{.least = 1, .most = 100'000};
  Flags flags(command, "History");
  auto* history = flags.on("--history", arguments.history,
                           "Write it to the room's history, as the servers are configured");
  flags.count("--history-size", arguments.limits.size, "How many messages it keeps", kSizes);
  flags.duration("--history-ttl", arguments.limits.ttl, "How long it keeps them, 1s to 720h");
  flags.text("--key", arguments.key, "KEY", "With the same key it is sent once in 5 minutes");
  for (const char* name : {"--history-size", "--history-ttl", "--key"}) {
    command.get_option(name)->needs(history);
  }
  command.get_option("--key")->check(key_fault);
}

void add_destination(CLI::App& app, EmitArguments& arguments, const std::string& to,
                     const std::string& name, const std::string& help) {
  CLI::App* command = app.add_subcommand(to, help);
  command->fallthrough();
  command->parse_complete_callback([&arguments, to] { arguments.to = to; });
  if (!name.empty()) {
    command->add_option("name", arguments.name, "Which " + to)->type_name(name)->required();
  }
  command->add_option("event", arguments.event, "The event")->type_name("EVENT")->required();
  command
      ->add_option("json", arguments.json,
                   "Its data; - reads one JSON text per line from standard input")
      ->type_name("JSON")
      ->required();
  if (to == "room") {
    Flags flags(*command, "Options");
    flags.list("--exclude", arguments.exclude, "Client ids that the message skips");
    add_history_flags(*command, arguments);
  }
}

/// Checks what the library leaves to the application, or reports without the names of flags.
void check(const EmitArguments& arguments) {
  if (arguments.to.empty()) {
    throw std::invalid_argument(
        "emit needs a destination: room NAME, client ID, user ID or broadcast");
  }
  if (arguments.to != "broadcast" && arguments.name.empty()) {
    throw std::invalid_argument("the name of the " + arguments.to + " is empty");
  }
  if (arguments.event.empty()) throw std::invalid_argument("the event is empty");
  if (is_reserved(arguments.event)) {
    throw std::invalid_argument("\"" + arguments.event +
                                "\" is an event that the protocol reserves: choose another");
  }
  if (arguments.limits.ttl < kMinTtl || arguments.limits.ttl > kMaxTtl) {
    throw std::invalid_argument("--history-ttl must be 1s to 720h");
  }
  if (!arguments.key.empty() && arguments.json == "-") {
    throw std::invalid_argument("--key is for one message, not for those of standard input");
  }
}

EmitterOptions options_of(const EmitArguments& arguments) {
  check(arguments);
  EmitterOptions options{.redis = arguments.redis.read()};
  if (!options.redis) {
    throw std::invalid_argument("emit needs --redis URL, or WSCAST_REDIS in the environment");
  }
  options.max_bytes_in_flight =
      std::max(options.max_bytes_in_flight, 2 * options.redis->max_publish_bytes);
  return options;
}

void configure(Emitter& emitter) {
  try {
    emitter.configure();
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string("--redis: ") + error.what());
  }
}

}  // namespace

void add_emit_flags(CLI::App& app, EmitArguments& arguments) {
  add_redis_flags(app, arguments.redis);
  Flags(app, "Options")
      .on("-v,--verbose", arguments.verbose,
          "Print how many servers Redis passed each message to, or its position");
  app.require_subcommand(0, 1);
  add_destination(app, arguments, "room", "ROOM", "To the members of a room");
  add_destination(app, arguments, "client", "ID", "To one client");
  add_destination(app, arguments, "user", "USER", "To each client of a user");
  add_destination(app, arguments, "broadcast", "", "To every authenticated client");
}

int emit(const EmitArguments& arguments) {
  ::signal(SIGPIPE, SIG_IGN);  // The reader of our output may close it.
  Outcomes outcomes(arguments.verbose);
  Emitter emitter(options_of(arguments));
  configure(emitter);
  if (arguments.json == "-") {
    emit_lines(emitter, arguments, outcomes);
  } else {
    emit_text(emitter, arguments, outcomes, arguments.json, 0);
  }
  emitter.flush(kFlush);
  return outcomes.report();
}

}  // namespace wscast::program
