#include "support/broker_world.h"

#include <stdexcept>

#include <boost/asio/io_context.hpp>

namespace wscast::test {

using std::chrono::steady_clock;

class BrokerWorld::Loop {
 public:
  boost::asio::io_context context;
};

BrokerUser::BrokerUser(BrokerWorld& world, std::shared_ptr<Broker> broker, std::string server_id)
    : world_(world), broker_(std::move(broker)), server_id_(std::move(server_id)) {}

BrokerUser::~BrokerUser() {
  if (started_ && !stopped_) stop();
}

std::uint64_t BrokerUser::count(Counter counter) const {
  Stats stats;
  counters_.add_to(stats);
  return stats[counter];
}

std::string BrokerUser::start() {
  started_ = true;
  auto answer = std::make_shared<std::optional<std::string>>();
  broker_->start(*this, [answer](const auto& failure) { *answer = failure.value_or(""); });
  if (*answer) throw std::logic_error("called back inside the call");
  if (!world_.run_until([&] { return answer->has_value(); })) return "no answer";
  return **answer;
}

Backplane BrokerUser::publish(const std::string& channel, const std::string& envelope) {
  auto outcome = std::make_shared<std::optional<Backplane>>();
  broker_->publish(channel, envelope, [outcome](Backplane it) { *outcome = it; });
  if (*outcome) throw std::logic_error("called back inside the call");
  if (!world_.run_until([&] { return outcome->has_value(); })) {
    throw std::runtime_error("no outcome");
  }
  return **outcome;
}

std::vector<std::string> BrokerUser::subscribe(std::vector<std::string> channels) {
  auto refused = std::make_shared<std::optional<std::vector<std::string>>>();
  broker_->subscribe(std::move(channels), [refused](const auto& names) { *refused = names; });
  if (*refused) throw std::logic_error("called back inside the call");
  if (!world_.run_until([&] { return refused->has_value(); })) {
    throw std::runtime_error("not subscribed");
  }
  return **refused;
}

void BrokerUser::stop() {
  auto done = std::make_shared<bool>(false);
  stopped_ = true;
  broker_->stop([done] { *done = true; });
  if (*done) throw std::logic_error("called back inside the call");
  if (!world_.run_until([&] { return *done; })) throw std::runtime_error("not stopped");
}

boost::asio::io_context& BrokerUser::loop() {
  return world_.loop();
}

void BrokerUser::on_envelope(std::string_view envelope) {
  if (when_envelope) return when_envelope(envelope);
  read_.emplace_back(envelope);
}

void BrokerUser::on_read_end() {
  for (auto& envelope : read_) envelopes.push_back(std::move(envelope));
  read_.clear();
}

BrokerWorld::BrokerWorld() : loop_(std::make_unique<Loop>()) {}

BrokerWorld::~BrokerWorld() = default;

boost::asio::io_context& BrokerWorld::loop() {
  return loop_->context;
}

bool BrokerWorld::run_until(const std::function<bool()>& holds,
                            std::chrono::milliseconds patience) {
  const auto give_up = steady_clock::now() + patience;
  while (!holds() && steady_clock::now() < give_up) {
    loop().restart();
    loop().run_one_until(give_up);
  }
  return holds();
}

void BrokerWorld::run_ready() {
  loop().restart();
  loop().poll();
}

void BrokerWorld::run_for(std::chrono::milliseconds duration) {
  loop().restart();
  loop().run_for(duration);
}

BrokerUser& BrokerWorld::add(std::shared_ptr<Broker> broker) {
  const auto server_id = "server-" + std::to_string(users_.size());
  users_.push_back(std::make_unique<BrokerUser>(*this, std::move(broker), server_id));
  return *users_.back();
}

BrokerUser& BrokerWorld::start(RedisOptions options) {
  auto& user = add(redis_broker(std::move(options)));
  if (const auto failure = user.start(); !failure.empty()) throw std::runtime_error(failure);
  return user;
}

}  // namespace wscast::test
