#include "wscast/broker.h"

#include "base/clock.h"
#include "base/random.h"
#include "broker/broker.h"
#include "broker/memory/memory_history.h"
#include "broker/owed_calls.h"

namespace wscast {
namespace {

class MemoryBroker final : public Broker {
 public:
  bool reaches_others() const override { return false; }
  bool subscribes_exactly() const override { return false; }
  std::size_t max_publish_bytes() const override { return static_cast<std::size_t>(-1); }

  void start(BrokerHost& host, Ready ready) override {
    host_ = &host;
    later([ready = std::move(ready)] { ready(std::nullopt); });
  }

  void publish(std::string, std::string, Done done) override {
    if (done) later([done = std::move(done)] { done(Backplane::none); });
  }

  void subscribe(std::vector<std::string>, Subscribed done) override {
    if (done) later([done = std::move(done)] { done({}); });
  }

  void unsubscribe(std::vector<std::string>) override {}

  void store(StoreRequest, Stored done) override {
    later([done = std::move(done)] { done({}); });
  }

  std::string fault() const override { return {}; }

  void stop(std::function<void()> done) override { later(std::move(done)); }

  History* history() override { return &history_; }

  void abandon() override {
    history_.stop();
    owed_.run_all();
  }

 private:
  void later(std::function<void()> call) { owed_.add(host_->loop(), std::move(call)); }

  BrokerHost* host_ = nullptr;
  OwedCalls owed_;
  MemoryHistory history_{{.later = [this](std::function<void()> call) { later(std::move(call)); },
                          .deliver =
                              [this](std::string_view envelope) {
                                host_->on_envelope(envelope);
                                host_->on_read_end();
                              }},
                         system_random(),
                         system_clock()};
};

}  // namespace

std::shared_ptr<Broker> memory_broker() {
  return std::make_shared<MemoryBroker>();
}

}  // namespace wscast
