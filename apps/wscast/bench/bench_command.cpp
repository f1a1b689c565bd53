#include "bench/bench_command.h"

#include <sys/prctl.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <CLI/CLI.hpp>

#include "wscast/descriptor_limit.h"

#include "auth/jwt/jwt_key_files.h"
#include "bench/bench_failure.h"
#include "bench/bench_result.h"
#include "bench/connect_load.h"
#include "bench/echo_load.h"
#include "bench/idle_load.h"
#include "bench/preflight.h"
#include "bench/recorder.h"
#include "bench/request_lines.h"
#include "bench/room_load.h"
#include "bench/run_control.h"
#include "bench/usage.h"
#include "flags.h"
#include "one_line.h"

namespace wscast::program {
namespace {

using Clock = std::chrono::steady_clock;

/// What the process needs besides the connections.
constexpr std::size_t kOtherDescriptors = 32;

void add_where(CLI::App& app, BenchArguments& arguments) {
  app.add_option("mode", arguments.mode,
                 "What to do: fanout, echo, connect, idle, redis, or a fanout that is encrypted, "
                 "tls or deflate")
      ->type_name("MODE")
      ->required()
      ->check(CLI::IsMember(
          {"fanout", "echo", "connect", "idle", "redis", "encrypted", "tls", "deflate"}));
  app.add_option("url", arguments.url,
                 "Of the server: ws://HOST:PORT/PATH, wss:// (TLS) or ws+unix:/SOCKET:/PATH; the "
                 "path may be left out. None: 127.0.0.1, port 8080, or 8443 for tls")
      ->type_name("URL");
}

void add_load(CLI::App& app, BenchArguments& arguments) {
  Flags flags(app, "Load");
  flags.count("--clients", arguments.clients,
              "How many (0: 1000; connect and redis 100). connect: at a time");
  flags.count("--size", arguments.size, "Bytes of a message's data, 8 at least");
  flags.count("--rate", arguments.rate,
              "Messages a second, of all clients; connections a second. 0: closed loop, the next "
              "one follows when one has arrived");
  flags.count("--in-flight", arguments.in_flight,
              "Closed loop: how many at once (0: 1, redis 50); of echo by each client");
  flags.duration("--duration", arguments.duration, "How long to measure", kPositive);
  flags.duration("--warm-up", arguments.warm_up, "How long before that, which does not count");
  flags.text("--room", arguments.room, "ROOM", "The room, or what the names of rooms begin with");
  flags.count("--publishers", arguments.publishers,
              "How many of the clients publish, in turn, because servers limit what one may send",
              kPositive);
  flags.text("--publish-event", arguments.publish_event, "EVENT",
             "The event that the server forwards to the room of its data; of echo: sends back");
  flags.text("--redis", arguments.redis, "URL", "redis: where to publish, redis://HOST:PORT");
}

void add_clients(CLI::App& app, BenchArguments& arguments) {
  Flags flags(app, "Clients");
  flags.text("--token", arguments.token, "TOKEN",
             "Token of all clients; none: each has another, which a server with --dev accepts. All "
             "users of the machine can read a command line");
  app.get_option("--token")->envname("WSCAST_TOKEN");
  flags.text("--token-file", arguments.token_file, "FILE", "File with the token, instead");
  flags.text("--authenticate-data", arguments.authenticate_data, "JSON",
             "Object whose members are sent with the token");
  flags.on("--encrypted", arguments.encrypted, "Clients ask for encryption, and decrypt");
  flags.on("--deflate", arguments.deflate, "Clients offer permessage-deflate");
  flags.text("--ca-file", arguments.ca_file, "FILE",
             "PEM file of the CA that must have signed the certificate of a wss:// server; none: "
             "those that the system trusts");
  flags.on("--insecure", arguments.insecure, "Accept any certificate");
  flags.choice("--protocol", arguments.protocol, {"wscast", "raw", "socket.io", "nats"},
               "What the server speaks; raw: it sends back what it gets");
}

void add_output(CLI::App& app, BenchArguments& arguments) {
  Flags flags(app, "Output");
  flags.count("--pid", arguments.pid, "Process of the server, whose CPU and memory are measured");
  flags.on("--json", arguments.json, "Print the result as a JSON object");
  flags.on(
      "--on-request", arguments.on_request,
      "Say ready, then measure once for each line on standard input, until that ends; idle: stay "
      "until then");
}

/// The time of a sleep shall not be rounded up by 50 us.
void sharpen_timers() {
  ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
}

void check_descriptors(std::size_t clients) {
  const std::size_t limit = raise_descriptor_limit();
  if (clients + kOtherDescriptors <= limit) return;
  throw std::invalid_argument("--clients: " + std::to_string(clients) +
                              " connections need more descriptors than the " +
                              std::to_string(limit) + " that this process may open (ulimit -n)");
}

std::unique_ptr<Load> make_load(const BenchPlan& plan, Recorder& recorder, RunControl& control) {
  switch (plan.kind) {
    case LoadKind::echo:
      return std::make_unique<EchoLoad>(plan, recorder, control);
    case LoadKind::connect:
      return std::make_unique<ConnectLoad>(plan, recorder, control);
    default:
      return std::make_unique<RoomLoad>(plan, recorder, control);
  }
}

void print(const BenchPlan& plan, const BenchResult& result) {
  std::cout << (plan.arguments.json ? result_json(plan, result) + "\n" : result_text(plan, result))
            << std::flush;
}

BenchResult::Latency quantiles(const LatencyHistogram& latencies) {
  return {.p50 = latencies.at(0.5),
          .p99 = latencies.at(0.99),
          .p999 = latencies.at(0.999),
          .max = latencies.max()};
}

void add_counts(BenchResult& result, const Recorder& recorder) {
  result.messages = recorder.latencies().count();
  result.published = recorder.sent_count();
  result.lost = recorder.lost_count();
  result.notices = recorder.notice_count();
  if (result.messages > 0) result.latency = quantiles(recorder.latencies());
  if (result.published > 0) {
    result.late =
        static_cast<double>(recorder.late_count()) / static_cast<double>(result.published);
  }
}

double share(std::chrono::nanoseconds part, std::chrono::nanoseconds whole) {
  return std::chrono::duration<double>(part) / std::chrono::duration<double>(whole);
}

/// One measurement after the other of a load that is there.
class Bench {
 public:
  Bench(const BenchPlan& plan, RunControl& control) : plan_(plan), control_(control) {
    if (plan.server) server_.emplace(*plan.server);
  }

  void run() {
    const auto before = server_ ? server_->resident_bytes() : 0;
    load_ = make_load(plan_, recorder_, control_);
    load_->prepare();
    if (server_ && plan_.kind != LoadKind::connect) {
      const auto grown =
          static_cast<double>(server_->resident_bytes()) - static_cast<double>(before);
      if (grown > 0) bytes_per_connection_ = grown / static_cast<double>(plan_.arguments.clients);
    }
    run_for("warm-up", plan_.arguments.warm_up);
    if (plan_.arguments.on_request) return run_on_request();
    print(plan_, measure());
  }

 private:
  void run_on_request() {
    control_.clear();
    std::cout << (plan_.arguments.json ? R"({"ready":true})" : "ready") << std::endl;
    RequestLines lines;
    const auto rest = [this] {
      load_->rest();
      return !control_.interrupted();
    };
    while (lines.next(rest)) print(plan_, measure());
  }

  BenchResult measure() {
    const ThreadUsage own = thread_usage();
    const auto used = server_ ? server_->cpu() : std::chrono::nanoseconds(0);
    const auto begun = Clock::now();
    recorder_.start();
    run_for("measuring", plan_.arguments.duration);
    recorder_.stop();
    BenchResult result{.lasted = Clock::now() - begun};
    const ThreadUsage now = thread_usage();
    if (server_) result.server_cpu = server_->cpu() - used;
    result.generator_cpu = share(now.ran - own.ran, result.lasted);
    result.generator_waited = share(now.waited - own.waited, result.lasted);
    result.bytes_per_connection = bytes_per_connection_;
    add_counts(result, recorder_);
    control_.clear();
    return result;
  }

  void run_for(const std::string& phase, Clock::duration time) {
    control_.begin(phase, time);
    if (time > Clock::duration::zero()) load_->run_until(Clock::now() + time);
  }

  const BenchPlan& plan_;
  RunControl& control_;
  std::optional<ProcessUsage> server_;
  Recorder recorder_;
  std::unique_ptr<Load> load_;
  std::optional<double> bytes_per_connection_;
};

void run(BenchArguments arguments) {
  if (!arguments.token_file.empty()) arguments.token = secret_in_file(arguments.token_file);
  const BenchPlan plan = plan_bench(std::move(arguments));
  swarm_options(
      plan.arguments);  // Throws for a wrong URL, as the next line does without a process.
  if (plan.server) ProcessUsage{*plan.server};
  check_descriptors(plan.arguments.clients);
  sharpen_timers();
  RunControl control;
  check_server(plan);
  if (plan.kind == LoadKind::idle) {
    const BenchResult result = run_idle(plan, control);
    control.clear();
    return print(plan, result);
  }
  Bench(plan, control).run();
}

int report(const std::string& why, ExitCode code) {
  std::cerr << "wscast: " << one_line(why) << std::endl;
  return code;
}

}  // namespace

void add_bench_flags(CLI::App& app, BenchArguments& arguments) {
  add_where(app, arguments);
  add_load(app, arguments);
  add_clients(app, arguments);
  add_output(app, arguments);
}

int bench(const BenchArguments& arguments) {
  try {
    run(arguments);
  } catch (const BenchFailure& failure) {
    return report(failure.what(), failure.code());
  } catch (const EncryptionFailure& failure) {
    return report(failure.what(), kFailed);
  }
  return kDone;
}

}  // namespace wscast::program
