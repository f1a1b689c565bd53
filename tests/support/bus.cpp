#include "support/bus.h"

#include <deque>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace wscast {

/// One server's end of the bus. Its counts and subscriptions are under the bus' lock.
class Bus::Port final : public Broker {
 public:
  Port(Bus& bus, bool exact) : bus_(bus), exact_(exact) {}

  bool reaches_others() const override { return true; }
  bool subscribes_exactly() const override { return exact_; }
  std::size_t max_publish_bytes() const override { return 1024 * 1024; }

  void start(BrokerHost& host, Ready ready) override {
    host_ = &host;
    {
      const std::lock_guard lock(bus_.mutex_);
      bus_.ports_.insert(this);
    }
    post([ready = std::move(ready), fault = bus_.fault] {
      ready(fault.empty() ? std::nullopt : std::optional(fault));
    });
  }

  void publish(std::string channel, std::string envelope, Done done) override {
    Backplane answer;
    {
      const std::lock_guard lock(bus_.mutex_);
      answer = bus_.answer_;
    }
    if (answer == Backplane::ok) bus_.publish(std::move(channel), std::move(envelope));
    if (done) post([done = std::move(done), answer] { done(answer); });
  }

  void subscribe(std::vector<std::string> channels, Subscribed done) override {
    bus_.subscribe(*this, std::move(channels), std::move(done));
  }

  void unsubscribe(std::vector<std::string> channels) override {
    bus_.unsubscribe(*this, channels);
  }

  void store(StoreRequest, Stored done) override {
    post([done = std::move(done)] { done({}); });
  }

  std::string fault() const override { return {}; }

  void stop(std::function<void()> done) override {
    leave();
    bus_.release();
    post(std::move(done));
  }

  void abandon() override {
    leave();
    bus_.release();
    while (const auto call = next_owed()) call();
  }

  bool receives(const std::string& channel) const {
    return !exact_ || subscribed.contains(channel);
  }

  void receive(const std::string& envelope) {
    boost::asio::post(host_->loop(), [this, envelope] {
      host_->on_envelope(envelope);
      host_->on_read_end();
    });
  }

  void gap(std::chrono::milliseconds away) {
    boost::asio::post(host_->loop(), [this, away] { host_->on_gap(away); });
  }

  void lose(const std::vector<std::string>& channels) {
    boost::asio::post(host_->loop(), [this, channels] { host_->on_loss(channels); });
  }

  /// Any thread: the loop is there as long as the port is in ports_.
  void post(std::function<void()> call) {
    {
      const std::lock_guard lock(owed_mutex_);
      owed_.push_back(std::move(call));
    }
    boost::asio::post(host_->loop(), [this] {
      if (const auto next = next_owed()) next();
    });
  }

  std::map<std::string, int> counts;
  std::set<std::string> subscribed;

 private:
  void leave() {
    const std::lock_guard lock(bus_.mutex_);
    bus_.ports_.erase(this);
  }

  std::function<void()> next_owed() {
    const std::lock_guard lock(owed_mutex_);
    if (owed_.empty()) return {};
    auto call = std::move(owed_.front());
    owed_.pop_front();
    return call;
  }

  Bus& bus_;
  const bool exact_;
  BrokerHost* host_ = nullptr;
  std::mutex owed_mutex_;
  std::deque<std::function<void()>> owed_;  ///< Callbacks that have not run.
};

std::shared_ptr<Broker> Bus::broker(bool exact) {
  return std::make_shared<Port>(*this, exact);
}

std::vector<Bus::Published> Bus::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

std::size_t Bus::say(const std::string& channel, const std::string& envelope) {
  const std::lock_guard lock(mutex_);
  return deliver(channel, envelope);
}

void Bus::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void Bus::release() {
  const std::lock_guard lock(mutex_);
  held_ = false;
  for (const auto& effect : std::exchange(waiting_, {})) effect();
}

std::size_t Bus::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void Bus::gap(std::chrono::milliseconds away) {
  const std::lock_guard lock(mutex_);
  for (Port* port : ports_) port->gap(away);
}

void Bus::lose(const std::vector<std::string>& channels) {
  const std::lock_guard lock(mutex_);
  for (Port* port : ports_) port->lose(channels);
}

void Bus::answer(Backplane backplane) {
  const std::lock_guard lock(mutex_);
  answer_ = backplane;
}

std::set<std::string> Bus::needed() const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> all;
  for (const Port* port : ports_) {
    for (const auto& [channel, count] : port->counts) {
      if (count > 0) all.insert(channel);
    }
  }
  return all;
}

std::set<std::string> Bus::subscribed() const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> all;
  for (const Port* port : ports_) all.insert(port->subscribed.begin(), port->subscribed.end());
  return all;
}

void Bus::subscribe(Port& port, std::vector<std::string> channels, Broker::Subscribed done) {
  const std::lock_guard lock(mutex_);
  for (const auto& channel : channels) ++port.counts[channel];
  const auto effect = [&port, channels = std::move(channels), done = std::move(done)] {
    for (const auto& channel : channels) {
      if (port.counts[channel] > 0) port.subscribed.insert(channel);
    }
    if (done) port.post([done] { done({}); });
  };
  if (held_) {
    waiting_.push_back(effect);
  } else {
    effect();
  }
}

void Bus::unsubscribe(Port& port, const std::vector<std::string>& channels) {
  const std::lock_guard lock(mutex_);
  for (const auto& channel : channels) {
    if (--port.counts[channel] <= 0) port.subscribed.erase(channel);
  }
}

void Bus::publish(std::string channel, std::string envelope) {
  const std::lock_guard lock(mutex_);
  deliver(channel, envelope);
  published_.push_back({std::move(channel), std::move(envelope)});
}

std::size_t Bus::deliver(const std::string& channel, const std::string& envelope) {
  std::size_t count = 0;
  for (Port* port : ports_) {
    const bool always = channel == "ws:broadcast";  // As every server does.
    if (!always && !port->receives(channel)) continue;
    port->receive(envelope);
    ++count;
  }
  return count;
}

}  // namespace wscast
