#include "bench/bench_arguments.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "bench/dialect.h"
#include "bench/numbered_text.h"
#include "server_url.h"

namespace wscast::program {
namespace {

struct Mode {
  std::string_view name;
  LoadKind kind;
  std::size_t clients;
  std::size_t in_flight;
};

constexpr std::array kModes = std::to_array<Mode>({
    {"fanout", LoadKind::fanout, 1'000, 1},
    {"echo", LoadKind::echo, 1'000, 1},
    {"connect", LoadKind::connect, 100, 1},
    {"idle", LoadKind::idle, 1'000, 0},
    {"redis", LoadKind::redis, 100, 50},
    {"encrypted", LoadKind::fanout, 1'000, 1},
    {"tls", LoadKind::fanout, 1'000, 1},
    {"deflate", LoadKind::fanout, 1'000, 1},
});

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument(why);
}

void set_url(BenchArguments& arguments) {
  const bool tls = arguments.mode == "tls";
  if (arguments.url.empty()) arguments.url = tls ? "wss://127.0.0.1:8443" : "ws://127.0.0.1:8080";
  if (arguments.protocol != "wscast") {
    const auto host = arguments.url.find("://");
    if (host != std::string::npos && arguments.url.find('/', host + 3) == std::string::npos) {
      arguments.url += make_dialect(arguments.protocol)->path();
    }
  }
  arguments.url = with_path(arguments.url);
  if (tls && !arguments.url.starts_with("wss://")) refuse("bench tls needs a wss:// URL");
}

/// A client that sends what no protocol knows cannot do all that others can.
void check_protocol(const BenchArguments& arguments, LoadKind kind) {
  const std::string& protocol = arguments.protocol;
  if (protocol == "raw" && kind != LoadKind::echo && kind != LoadKind::connect &&
      kind != LoadKind::idle) {
    refuse("--protocol raw is for echo, connect and idle");
  }
  if (protocol == "wscast") return;
  if (kind == LoadKind::redis) refuse("bench redis needs --protocol wscast");
  if (arguments.encrypted) refuse("encryption needs --protocol wscast");
}

void check(const BenchArguments& arguments, LoadKind kind) {
  if (arguments.size < NumberedText::kNumberSize) {
    refuse("--size must be at least " + std::to_string(NumberedText::kNumberSize));
  }
  if (kind == LoadKind::fanout && arguments.clients < 2) {
    refuse("a fan-out needs --clients 2 or more");
  }
  if (kind == LoadKind::idle && arguments.rate > 0) refuse("bench idle has no --rate");
  if (kind == LoadKind::redis && arguments.redis.empty()) {
    refuse("bench redis needs --redis URL, of the Redis that the server uses");
  }
  if (kind != LoadKind::redis && !arguments.redis.empty()) refuse("--redis is for bench redis");
  if (arguments.authenticate_data.empty()) return;
  if (!nlohmann::json::accept(arguments.authenticate_data) ||
      !nlohmann::json::parse(arguments.authenticate_data).is_object()) {
    refuse("--authenticate-data: it is not a JSON object");
  }
}

}  // namespace

BenchPlan plan_bench(BenchArguments arguments) {
  const auto* mode = std::ranges::find(kModes, arguments.mode, &Mode::name);
  if (mode == kModes.end()) refuse("\"" + arguments.mode + "\" is no benchmark");
  if (arguments.clients == 0) arguments.clients = mode->clients;
  if (arguments.in_flight == 0) arguments.in_flight = mode->in_flight;
  if (mode->name == "encrypted") arguments.encrypted = true;
  if (mode->name == "deflate") arguments.deflate = true;
  arguments.publishers = std::clamp<std::size_t>(arguments.publishers, 1, arguments.clients);
  set_url(arguments);
  check(arguments, mode->kind);
  check_protocol(arguments, mode->kind);
  BenchPlan plan{.kind = mode->kind, .arguments = std::move(arguments)};
  if (plan.arguments.pid > 0) plan.server = static_cast<pid_t>(plan.arguments.pid);
  return plan;
}

}  // namespace wscast::program
