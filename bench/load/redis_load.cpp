#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "broker/redis/resp/command.h"
#include "client/socket.h"
#include "client/swarm.h"
#include "encrypted_clients.h"
#include "load.h"
#include "measurement.h"
#include "protocol/backplane_message.h"
#include "protocol/channel.h"
#include "session.h"
#include "watchdog.h"

namespace wscast::bench {
namespace {

/// One connection to Redis that publishes and does not care for the answers.
class Publisher {
 public:
  explicit Publisher(const client::Endpoint& endpoint) {
    const auto addresses = client::resolve(endpoint);
    std::error_code error;
    if (addresses.empty()) throw LoadFailure("--redis: unknown host");
    socket_ = client::start_connect(addresses.front(), error);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    if (error || !socket_.wait(POLLOUT, deadline) || socket_.pending_error()) {
      throw LoadFailure("--redis: not there");
    }
  }

  void write(std::string_view commands) {
    while (!commands.empty()) {
      const ssize_t sent = ::send(socket_.fd(), commands.data(), commands.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        commands.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN ||
                 !socket_.wait(POLLOUT, std::chrono::steady_clock::now() + kPatience)) {
        throw LoadFailure("Redis closed the connection");
      }
    }
    std::array<char, 16 * 1024> answers;
    while (::recv(socket_.fd(), answers.data(), answers.size(), 0) > 0) {
    }
  }

 private:
  client::Socket socket_;
};

/// As an emitter does, messages go to Redis, for the one client or for the room that all are in;
/// the next ones follow when everybody has received these, in order, each byte of them.
class RedisLoad final : public client::Swarm::Handler {
 public:
  explicit RedisLoad(const Arguments& arguments)
      : arguments_(arguments),
        measurement_(arguments.server),
        publisher_(arguments.redis),
        swarm_({.url = arguments.url, .connections = arguments.clients}, *this),
        received_(arguments.clients) {
    if (arguments.encrypted) encrypted_.emplace(arguments.clients);
  }

  void run() {
    while (connected_ < received_.size()) turn();
    probe_until_all_hear();
    publish_for(kWarmUp);
    measurement_.run(arguments_, [this] { publish_for(arguments_.measured); });
  }

  void on_open(std::size_t index) override {
    swarm_.send_text(index,
                     encrypted_ ? encrypted_->authenticate_text(index) : authenticate_text(index));
  }

  void on_message(std::size_t index, std::string_view message) override {
    ++progress_;
    if (is_connected_text(message)) return enter(index, message);
    if (encrypted_) message = encrypted_->open(index, message);
    const std::uint64_t expected = received_[index] + 1;
    if (message == R"({"event":"probe","data":1})") {
      hears_ += heard_.at(index) ? 0 : 1;
      heard_[index] = true;
    } else if (message == text_of(expected)) {
      received_[index] = expected;
      ++received_now_;
      measurement_.add(published_);
    } else {
      throw LoadFailure("client " + std::to_string(index) +
                        " received what it must not: " + std::string(message.substr(0, 200)));
    }
  }

  void on_closed(std::size_t, std::string_view cause) override {
    throw LoadFailure("a connection closed: " + std::string(cause));
  }

 private:
  bool to_one() const { return received_.size() == 1; }

  void enter(std::size_t index, std::string_view message) {
    constexpr std::string_view kBefore = R"("data":{"id":")";
    constexpr std::size_t kIdSize = 36;
    if (encrypted_) encrypted_->agree(index, message);
    if (to_one()) {
      id_ = message.substr(message.find(kBefore) + kBefore.size(), kIdSize);
    } else {
      swarm_.send_text(index, join_text(arguments_.room));
    }
    heard_.resize(received_.size());
    ++connected_;
  }

  /// A join is not answered, and an arrived probe shows by its effect.
  void probe_until_all_hear() {
    std::string command;
    append_publish(command, "probe", "1");
    while (hears_ < received_.size()) {
      publisher_.write(command);
      const auto end = Measurement::Clock::now() + std::chrono::milliseconds(200);
      while (hears_ < received_.size() && Measurement::Clock::now() < end) turn();
    }
  }

  void publish_for(std::chrono::milliseconds time) {
    const auto end = Measurement::Clock::now() + time;
    while (Measurement::Clock::now() < end) {
      publish();
      while (received_now_ < arguments_.window * received_.size()) turn();
    }
  }

  void publish() {
    std::string commands;
    for (std::size_t i = 0; i < arguments_.window; ++i) {
      append_publish(commands, "e", data_of(++sent_));
    }
    received_now_ = 0;
    published_ = Measurement::Clock::now();
    publisher_.write(commands);
  }

  void append_publish(std::string& out, std::string_view event, std::string_view data) const {
    using protocol::BackplaneTarget;
    const std::string channel =
        to_one() ? protocol::client_channel(id_) : protocol::room_channel(arguments_.room);
    const std::string envelope = protocol::backplane_message(
        {.server_id = protocol::kEmitterId,
         .type = to_one() ? BackplaneTarget::client : BackplaneTarget::room,
         .target = to_one() ? id_ : arguments_.room,
         .event = event,
         .data = data});
    const std::array<std::string_view, 3> words{"PUBLISH", channel, envelope};
    redis::append_command(out, words);
  }

  /// A JSON string of `--size` characters that begins with the number.
  std::string data_of(std::uint64_t number) const {
    std::string digits = std::to_string(number);
    return '"' + digits + std::string(arguments_.size - digits.size(), 'x') + '"';
  }

  std::string text_of(std::uint64_t number) const {
    return R"({"event":"e","data":)" + data_of(number) + "}";
  }

  void turn() {
    swarm_.run_once(std::chrono::milliseconds(100));
    watchdog_.look(progress_);
  }

  const Arguments& arguments_;
  Measurement measurement_;
  Publisher publisher_;
  client::Swarm swarm_;
  std::optional<EncryptedClients> encrypted_;
  std::vector<std::uint64_t> received_;  ///< The number that each client received last.
  std::vector<bool> heard_;              ///< A probe.
  std::size_t hears_ = 0;
  std::string id_;  ///< Of the one client.
  std::uint64_t sent_ = 0;
  std::size_t received_now_ = 0;
  std::size_t connected_ = 0;
  Measurement::Clock::time_point published_;
  Watchdog watchdog_;
  std::uint64_t progress_ = 0;
};

}  // namespace

void run_redis(const Arguments& arguments) {
  RedisLoad(arguments).run();
}

}  // namespace wscast::bench
