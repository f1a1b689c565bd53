#include "bench/load_clients.h"

#include <stdexcept>
#include <utility>

#include "bench/bench_failure.h"

namespace wscast::program {
namespace {

using std::chrono::milliseconds;

/// How often each client says that it lives. Servers expect a message every 90 s.
constexpr milliseconds kHeartbeat{25'000};

}  // namespace

client::Swarm::Options swarm_options(const BenchArguments& arguments) {
  const auto url = client::parse_url(arguments.url);
  if (!url) {
    throw std::invalid_argument("\"" + arguments.url +
                                "\" is not a URL such as ws://127.0.0.1:8080/ws or wss://HOST/ws");
  }
  client::Swarm::Options options{.url = *url, .connections = arguments.clients};
  options.tls.ca_file = arguments.ca_file;
  options.tls.verify = !arguments.insecure;
  if (arguments.deflate) options.deflate.emplace();
  return options;
}

std::string end_text(const client::Connection& connection, std::string_view cause) {
  std::string out(cause);
  if (connection.close_code() != 0) {
    out = "closed with " + std::to_string(connection.close_code());
    if (!connection.close_reason().empty()) out += " " + connection.close_reason();
  } else if (connection.response_status() != 0 && connection.response_status() != 101) {
    out += " with status " + std::to_string(connection.response_status());
  }
  return out;
}

std::string shortened(std::string_view message) {
  constexpr std::size_t kShown = 200;
  return std::string(message.substr(0, kShown));
}

void refuse_error(std::string_view message) {
  if (!message.starts_with(R"({"event":"error")")) return;
  std::string why = "the server says: " + shortened(message);
  if (message.find("Rate limit") != std::string_view::npos) {
    why += " (--rate sends less; wscast serve --message-rate 0 allows any)";
  }
  throw BenchFailure(kRefused, why);
}

LoadClients::LoadClients(const BenchArguments& arguments,
                         std::function<std::string(std::size_t)> room_of, Sink& sink)
    : arguments_(arguments),
      room_of_(std::move(room_of)),
      sink_(sink),
      swarm_(swarm_options(arguments), *this),
      greeter_(arguments, swarm_),
      heartbeat_(dialect().heartbeat()),
      connected_(arguments.clients) {}

void LoadClients::connect(RunControl& control) {
  control.begin("connecting", count());
  while (connected_count_ < count()) {
    turn(milliseconds(100));
    control.done(connected_count_, Clock::now());
  }
}

void LoadClients::turn(std::chrono::nanoseconds timeout) {
  rest(timeout);
  watchdog_.look(progress_, Clock::now());
}

void LoadClients::rest(std::chrono::nanoseconds timeout) {
  swarm_.run_once(timeout);
  if (!heartbeat_.empty()) send_heartbeats(Clock::now());
}

void LoadClients::on_open(std::size_t index) {
  ++progress_;
  if (greeter_.on_open(index)) enter(index);
}

void LoadClients::on_message(std::size_t index, std::string_view message) {
  ++progress_;
  while (!message.empty()) {
    const std::string_view first = message.substr(0, dialect().first_size(message));
    message.remove_prefix(first.size());
    connected_[index] != 0 ? handle(index, first) : greet(index, first);
  }
}

void LoadClients::greet(std::size_t index, std::string_view message) {
  if (!greeter_.on_message(index, message)) return;
  if (first_greeting_.empty()) first_greeting_ = message;
  enter(index);
}

void LoadClients::enter(std::size_t index) {
  connected_[index] = 1;
  ++connected_count_;
  const std::string room = room_of_(index);
  if (!room.empty()) swarm_.send_text(index, dialect().join(room));
}

void LoadClients::handle(std::size_t index, std::string_view message) {
  sink_.on_message(index, greeter_.open(index, message));
}

void LoadClients::on_closed(std::size_t index, std::string_view cause) {
  const auto& connection = swarm_.connection(index);
  const std::string why = end_text(connection, cause);
  if (connected_[index] == 0) {
    throw BenchFailure(kUnreachable, "client " + std::to_string(index + 1) + " of " +
                                         std::to_string(count()) + " was not connected: " + why);
  }
  throw BenchFailure(kFailed, "the server has ended a connection: " + why);
}

/// Spread evenly over the time.
void LoadClients::send_heartbeats(Clock::time_point now) {
  const auto due = static_cast<std::uint64_t>((now - began_) * static_cast<long>(count()) /
                                              Clock::duration(kHeartbeat));
  for (; heartbeats_ < due; ++heartbeats_) {
    const std::size_t index = heartbeats_ % count();
    if (connected_[index] != 0) swarm_.send_text(index, heartbeat_);
  }
}

}  // namespace wscast::program
