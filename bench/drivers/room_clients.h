#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bench/encrypted_clients.h"
#include "client/swarm.h"

namespace wscast::bench {

/// Members of rooms that are connected to one server in one way, and come back when they are
/// disconnected. What they receive goes to a Sink. One thread.
class RoomClients final : private client::Swarm::Handler {
 public:
  using Clock = std::chrono::steady_clock;

  /// Gets what happens, with the number of the client: `first` and up.
  class Sink {
   public:
    virtual ~Sink() = default;

    /// The client is a member of its room from now on.
    virtual void on_joined(std::size_t client) = 0;

    /// Any message that is not part of joining, decrypted.
    virtual void on_message(std::size_t client, std::string_view message) = 0;

    /// The client, which may not have joined yet, is disconnected.
    virtual void on_left(std::size_t client) = 0;
  };

  struct Options {
    client::Url url;
    std::size_t first = 0;  ///< Number of the first client.
    std::size_t count = 0;
    bool encrypted = false;
    bool compressed = false;
    bool slow = false;   ///< Stops reading for a while, again and again.
    bool churn = false;  ///< Disconnects now and then.
    /// Where a client goes when its server drains (protocol.md X7), at the time that it was told.
    std::optional<client::Url> refuge{};
  };

  /// `room_of`: the room of a client, by its number.
  RoomClients(Options options, std::function<std::string(std::size_t)> room_of, Sink& sink);

  /// Handles what came, without waiting, then what is due by the clock.
  void turn(Clock::time_point now);

  /// From now on clients disconnect, or stop reading, as the options say.
  void begin() { restless_ = true; }

  /// From now on nobody does.
  void settle();

  void send_text(std::size_t client, std::string_view text);

  /// Whether the client is, or soon will be, at the refuge.
  bool has_moved(std::size_t client) const { return clients_[client - options_.first].moved; }
  std::size_t joined() const { return joined_; }
  std::size_t count() const { return options_.count; }

 private:
  struct Client {
    bool joined = false;
    std::optional<Clock::time_point> comes_back{};  ///< Disconnected until then.
    Clock::time_point toggles{};                    ///< When a slow one stops or goes on reading.
    bool reads = true;
    std::optional<Clock::time_point> leaves{};  ///< When the server asked it to.
    bool moved = false;
  };

  void on_open(std::size_t index) override;
  void on_message(std::size_t index, std::string_view message) override;
  void on_closed(std::size_t index, std::string_view cause) override;

  void handle(std::size_t index, std::string_view message);
  void disconnect_some(Clock::time_point now);
  void leave_some(Clock::time_point now);
  void reconnect_some(Clock::time_point now);
  void toggle_reading(Clock::time_point now);
  Clock::duration between(std::chrono::milliseconds least, std::chrono::milliseconds most);

  Options options_;
  std::function<std::string(std::size_t)> room_of_;
  Sink& sink_;
  client::Swarm swarm_;
  std::optional<program::EncryptedClients> encrypted_;
  std::vector<Client> clients_;
  std::mt19937 random_;
  Clock::time_point next_churn_;
  std::size_t joined_ = 0;
  bool restless_ = false;
};

}  // namespace wscast::bench
