#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "broker/broker.h"

namespace wscast {

/// A Pub/Sub in memory that connects the servers of one test, in place of Redis, and does as the
/// test wants: it confirms late, is down, or delivers what was not published. Any thread.
class Bus {
 public:
  struct Published {
    std::string channel;
    std::string envelope;
    friend bool operator==(const Published&, const Published&) = default;
  };

  /// For one server. `exact`: it gets the channels that it subscribes to, else all.
  std::shared_ptr<Broker> broker(bool exact = true);

  /// Everything published so far.
  std::vector<Published> published() const;

  /// Publishes to all subscribers of `channel`, as another server or an emitter does. Returns how
  /// many there are.
  std::size_t say(const std::string& channel, const std::string& envelope);

  /// While held, no subscription takes effect.
  void hold();
  void release();

  /// Subscriptions that wait for release().
  std::size_t waiting() const;

  /// All brokers were away for so long, and are back.
  void gap(std::chrono::milliseconds away);

  /// All brokers have lost messages to these channels.
  void lose(const std::vector<std::string>& channels);

  /// The outcome of publishes from now on.
  void answer(Backplane backplane);

  /// Channels that a broker of this bus needs, and those that it is subscribed to.
  std::set<std::string> needed() const;
  std::set<std::string> subscribed() const;

  std::string fault;  ///< Of all brokers; before they start.

 private:
  class Port;

  void subscribe(Port& port, std::vector<std::string> channels, Broker::Subscribed done);
  void unsubscribe(Port& port, const std::vector<std::string>& channels);
  void publish(std::string channel, std::string envelope);
  std::size_t deliver(const std::string& channel, const std::string& envelope);

  mutable std::mutex mutex_;
  std::set<Port*> ports_;
  std::vector<Published> published_;
  std::vector<std::function<void()>> waiting_;
  bool held_ = false;
  Backplane answer_ = Backplane::ok;
};

}  // namespace wscast
