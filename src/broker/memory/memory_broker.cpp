#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "wscast/broker.h"

#include "broker/broker.h"

namespace wscast {
namespace {

class MemoryBroker final : public Broker {
 public:
  bool reaches_others() const override { return false; }
  bool subscribes_exactly() const override { return false; }
  std::size_t publish_bytes_max() const override { return static_cast<std::size_t>(-1); }

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

  std::string fault() const override { return {}; }

  void stop(std::function<void()> done) override { later(std::move(done)); }

 private:
  void later(std::function<void()> task) { boost::asio::post(host_->loop(), std::move(task)); }

  BrokerHost* host_ = nullptr;
};

}  // namespace

std::shared_ptr<Broker> memory_broker() {
  return std::make_shared<MemoryBroker>();
}

}  // namespace wscast
