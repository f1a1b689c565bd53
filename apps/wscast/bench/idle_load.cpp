#include "bench/idle_load.h"

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

#include "bench/bench_failure.h"
#include "bench/load_clients.h"
#include "bench/request_lines.h"
#include "bench/usage.h"

namespace wscast::program {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kFirstClients = 200;
constexpr milliseconds kTurn{100};

/// Clients that say nothing.
class IdleClients final : private LoadClients::Sink {
 public:
  explicit IdleClients(const BenchArguments& arguments)
      : arguments_(arguments),
        clients_(
            arguments, [](std::size_t) { return std::string(); }, *this) {}

  void connect(RunControl& control) { clients_.connect(control); }

  void stay(Clock::time_point end, RunControl& control) {
    while (control.goes_on(Clock::now(), end)) clients_.rest(kTurn);
  }

  /// Says that all are there, and stays until standard input ends.
  void stay_until_input_ends(RunControl& control) {
    control.clear();
    std::cout << (arguments_.json ? R"({"ready":true})" : "ready") << std::endl;
    RequestLines lines;
    const auto rest = [this, &control] {
      clients_.rest(milliseconds(0));
      return !control.interrupted();
    };
    while (lines.next(rest)) {
    }
  }

  /// A second `authenticate` is refused, so that each has a reply.
  void ask_all() {
    if (arguments_.protocol != "wscast") return;
    clients_.resume();
    for (std::size_t i = 0; i < clients_.count(); ++i) {
      clients_.send(i, clients_.dialect().on_open(credentials_of(arguments_, i)));
    }
    while (replies_ < clients_.count()) clients_.turn(kTurn);
  }

 private:
  void on_message(std::size_t client, std::string_view message) override {
    const std::string reply = clients_.dialect().reply_to_ping(message);
    if (!reply.empty()) return clients_.send(client, reply);
    if (message.starts_with(R"({"event":"error")")) ++replies_;
  }

  const BenchArguments& arguments_;
  LoadClients clients_;
  std::size_t replies_ = 0;
};

/// Until it has no more descriptors open than before, as far as that can be seen.
void await_quiet(const ProcessUsage& server, std::optional<std::size_t> before) {
  const auto end = Clock::now() + Watchdog::kPatience;
  while (before && server.descriptors().value_or(0) > *before) {
    if (Clock::now() > end) throw BenchFailure(kFailed, "the server keeps ended connections");
    std::this_thread::sleep_for(milliseconds(5));
  }
}

void connect_first(const BenchPlan& plan, const ProcessUsage& server, RunControl& control) {
  const auto before = server.descriptors();
  BenchArguments first = plan.arguments;
  first.clients = std::min(first.clients, kFirstClients);
  {
    IdleClients clients(first);
    clients.connect(control);
  }
  await_quiet(server, before);
  const auto end = Clock::now() + first.warm_up;
  control.begin("warm-up", first.warm_up);
  while (control.goes_on(Clock::now(), end)) std::this_thread::sleep_for(milliseconds(10));
}

}  // namespace

BenchResult run_idle(const BenchPlan& plan, RunControl& control) {
  std::optional<ProcessUsage> server;
  if (plan.server) server.emplace(*plan.server);
  if (server) connect_first(plan, *server, control);
  const auto before = server ? server->resident_bytes() : 0;
  IdleClients clients(plan.arguments);
  clients.connect(control);
  BenchResult result;
  if (server) {
    const auto grown = static_cast<double>(server->resident_bytes()) - static_cast<double>(before);
    result.bytes_per_connection =
        std::max(grown, 0.0) / static_cast<double>(plan.arguments.clients);
  }
  const auto used = server ? server->cpu() : std::chrono::nanoseconds(0);
  const auto begun = Clock::now();
  control.begin("idle", plan.arguments.duration);
  if (plan.arguments.on_request) {
    clients.stay_until_input_ends(control);
  } else {
    clients.stay(begun + plan.arguments.duration, control);
  }
  result.lasted = Clock::now() - begun;
  if (server) result.server_cpu = server->cpu() - used;
  clients.ask_all();
  return result;
}

}  // namespace wscast::program
