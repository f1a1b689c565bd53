#include "bench/load_clients.h"

#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "bench/bench_failure.h"
#include "json_writer.h"

namespace wscast::program {
namespace {

using std::chrono::milliseconds;

/// How often each client says that it lives. Servers expect a message every 90 s.
constexpr milliseconds kHeartbeat{25'000};

/// A JSON object without its braces.
std::string members_of(const std::string& object) {
  if (object.empty()) return {};
  const std::string text = nlohmann::json::parse(object).dump();
  return text.substr(1, text.size() - 2);
}

}  // namespace

Credentials credentials_of(const BenchArguments& arguments, std::size_t index) {
  const std::string name = "bench-" + std::to_string(index);
  return {.token = json_string(arguments.token.empty() ? name : arguments.token),
          .members = members_of(arguments.authenticate_data)};
}

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
      dialect_(make_dialect(arguments.protocol)),
      heartbeat_(dialect_->heartbeat()),
      swarm_(swarm_options(arguments), *this),
      connected_(arguments.clients) {
  if (arguments.encrypted) encrypted_.emplace(arguments.clients);
}

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
  if (arguments_.deflate && !swarm_.deflates(index)) {
    throw BenchFailure(kRefused,
                       "the server does not accept permessage-deflate (wscast serve: "
                       "--per-message-deflate)");
  }
  if (!dialect_->greets()) return enter(index);
  Credentials credentials = credentials_of(arguments_, index);
  if (encrypted_) {
    if (!credentials.members.empty()) credentials.members += ',';
    credentials.members += encrypted_->authenticate_member();
  }
  const std::string text = dialect_->on_open(credentials);
  if (!text.empty()) swarm_.send_text(index, text);
}

void LoadClients::on_message(std::size_t index, std::string_view message) {
  ++progress_;
  while (!message.empty()) {
    const std::string_view first = message.substr(0, dialect_->first_size(message));
    message.remove_prefix(first.size());
    connected_[index] != 0 ? handle(index, first) : greet(index, first);
  }
}

void LoadClients::greet(std::size_t index, std::string_view message) {
  const auto greeting = dialect_->greet(message, credentials_of(arguments_, index));
  if (!greeting.reply.empty()) swarm_.send_text(index, greeting.reply);
  if (greeting.state == Dialect::State::refused) {
    throw BenchFailure(kRefused, "the server refuses a client: " + std::string(message));
  }
  if (greeting.state != Dialect::State::connected) return;
  if (encrypted_) {
    if (message.find(R"("serverPublicKey")") == std::string_view::npos) {
      throw BenchFailure(kRefused, "the server does not encrypt (wscast serve: --encryption)");
    }
    encrypted_->agree(index, message);
  }
  if (first_greeting_.empty()) first_greeting_ = message;
  enter(index);
}

void LoadClients::enter(std::size_t index) {
  connected_[index] = 1;
  ++connected_count_;
  const std::string room = room_of_(index);
  if (!room.empty()) swarm_.send_text(index, dialect_->join(room));
}

void LoadClients::handle(std::size_t index, std::string_view message) {
  if (encrypted_) message = encrypted_->open(index, message);
  sink_.on_message(index, message);
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
