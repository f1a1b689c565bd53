#include "room_clients.h"

#include <charconv>
#include <utility>

#include "session.h"

namespace wscast::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kChurnPause{100};  ///< One client of a group disconnects this often.
constexpr milliseconds kShortestAway{200};
constexpr milliseconds kLongestAway{2'000};
constexpr std::string_view kDisconnect = R"({"event":"disconnect","data":{"reconnectAfterMs":)";
constexpr milliseconds kReads{5'000};
constexpr milliseconds kReadsNot{25'000};

client::Swarm::Options swarm_options(const RoomClients::Options& options) {
  client::Swarm::Options swarm{.url = options.url, .connections = options.count};
  if (options.compressed) swarm.deflate.emplace();
  return swarm;
}

std::string join_with_id(std::string_view room) {
  return R"({"event":"join","data":{"rooms":[")" + std::string(room) + R"("]},"id":"join"})";
}

bool is_join_ack(std::string_view message) {
  return message.starts_with(R"({"event":"ack")") && message.ends_with(R"("id":"join"})");
}

}  // namespace

RoomClients::RoomClients(Options options, std::function<std::string(std::size_t)> room_of,
                         Sink& sink)
    : options_(std::move(options)),
      room_of_(std::move(room_of)),
      sink_(sink),
      swarm_(swarm_options(options_), *this),
      clients_(options_.count),
      random_(static_cast<unsigned>(options_.first)),
      next_churn_(Clock::now()) {
  if (options_.encrypted) encrypted_.emplace(options_.count);
  for (Client& client : clients_) client.toggles = Clock::now() + between({}, kReads);
}

void RoomClients::turn(Clock::time_point now) {
  swarm_.run_once(milliseconds(0));
  leave_some(now);
  reconnect_some(now);
  if (options_.slow && restless_) toggle_reading(now);
  if (options_.churn && restless_) disconnect_some(now);
}

void RoomClients::settle() {
  restless_ = false;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    clients_[i].reads = true;
    swarm_.set_reading(i, true);
  }
}

void RoomClients::send_text(std::size_t client, std::string_view text) {
  swarm_.send_text(client - options_.first, text);
}

void RoomClients::on_open(std::size_t index) {
  swarm_.send_text(index,
                   authenticate_text(options_.first + index,
                                     encrypted_ ? "," + encrypted_->authenticate_member() : ""));
}

void RoomClients::on_message(std::size_t index, std::string_view message) {
  if (is_connected_text(message)) {
    if (encrypted_) encrypted_->agree(index, message);
    return swarm_.send_text(index, join_with_id(room_of_(options_.first + index)));
  }
  handle(index, encrypted_ ? encrypted_->open(index, message) : message);
}

void RoomClients::handle(std::size_t index, std::string_view message) {
  if (options_.refuge && message.starts_with(kDisconnect)) {
    message.remove_prefix(kDisconnect.size());
    milliseconds::rep after = 0;
    std::from_chars(message.data(), message.data() + message.size(), after);
    clients_[index].leaves = Clock::now() + milliseconds(after);
    return;
  }
  if (clients_[index].joined || !is_join_ack(message)) {
    return sink_.on_message(options_.first + index, message);
  }
  clients_[index].joined = true;
  ++joined_;
  sink_.on_joined(options_.first + index);
}

void RoomClients::on_closed(std::size_t index, std::string_view) {
  Client& client = clients_[index];
  if (std::exchange(client.joined, false)) --joined_;
  client.reads = true;
  client.comes_back = Clock::now();
  if (client.leaves) client.moved = true;
  if (!std::exchange(client.leaves, {})) *client.comes_back += between(kShortestAway, kLongestAway);
  sink_.on_left(options_.first + index);
}

void RoomClients::disconnect_some(Clock::time_point now) {
  if (now < next_churn_) return;
  next_churn_ = now + kChurnPause;
  const std::size_t index = random_() % clients_.size();
  if (clients_[index].joined) swarm_.close(index);
}

void RoomClients::leave_some(Clock::time_point now) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client& client = clients_[i];
    if (!client.leaves || client.moved || now < *client.leaves) continue;
    client.moved = true;
    swarm_.close(i);
  }
}

void RoomClients::reconnect_some(Clock::time_point now) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    if (!clients_[i].comes_back || now < *clients_[i].comes_back) continue;
    clients_[i].comes_back.reset();
    if (clients_[i].moved) {
      swarm_.reconnect(i, *options_.refuge);
    } else {
      swarm_.reconnect(i);
    }
  }
}

void RoomClients::toggle_reading(Clock::time_point now) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client& client = clients_[i];
    if (!client.joined || now < client.toggles) continue;
    client.reads = !client.reads;
    client.toggles = now + (client.reads ? kReads : kReadsNot);
    swarm_.set_reading(i, client.reads);
  }
}

RoomClients::Clock::duration RoomClients::between(milliseconds least, milliseconds most) {
  return std::uniform_int_distribution<milliseconds::rep>(least.count(), most.count())(random_) *
         milliseconds(1);
}

}  // namespace wscast::bench
