#include <exception>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "base/given_up.h"
#include "net/proxied_client.h"
#include "net/released_connection.h"
#include "net/shard.h"
#include "net/shard_client.h"

// How connections go to the application with a request, and come back. They keep their place in
// load() and in the limits; a state of their own in measurements.
namespace wscast::net {

class Shard::Released final : public ReleasedConnection {
 public:
  Released(Shard& shard, std::unique_ptr<Client> client, std::string received)
      : ReleasedConnection(std::move(received)), shard_(shard), client_(std::move(client)) {
    client_->stream().set_counting(false);
    count().fetch_add(1, std::memory_order_relaxed);
  }

  ~Released() override {
    if (client_ == nullptr) return;
    client_.reset();
    shard_.forget_connection();
    count().fetch_sub(1, std::memory_order_relaxed);
  }

  Stream& stream() override { return client_->stream(); }
  int descriptor() const override { return client_->socket.descriptor(); }

  void note_refused() noexcept override { shard_.counters_.add(Counter::http_handovers_refused); }

  /// Until it has come back it is this that counts, and closes it if the shard stops before.
  void go_back(std::string received) override {
    auto back = std::make_shared<Released>(shard_, std::move(client_), std::move(received));
    count().fetch_sub(1, std::memory_order_relaxed);  // It was counted twice.
    shard_.post([back = std::move(back)] { back->arrive(); });
  }

 private:
  void arrive() {
    client_->stream().set_counting(true);
    count().fetch_sub(1, std::memory_order_relaxed);
    shard_.take_back(std::move(client_), take_received());
  }

  std::atomic<std::size_t>& count() { return shard_.handed_over_[encrypted_ ? 1 : 0]; }

  Shard& shard_;
  std::unique_ptr<Client> client_;  ///< Null: it went back.
  const bool encrypted_ = client_->stream().encrypted();
};

void Shard::schedule_handover(Connection& connection) noexcept {
  deadlines_.set(connection.slot(), Deadlines::kNever);
  stop_watching(connection);
  pending_handover_.push_back(&connection);
  if (!in_iteration_) request_iteration();
}

void Shard::hand_over_connections() noexcept {
  std::erase_if(pending_handover_, [this](Connection* connection) {
    if (connection->flush_scheduled()) return false;  // A DueWork still refers to it.
    hand_over(*connection);
    return true;
  });
}

/// What the application throws, or what there is no memory for, ends the connection.
void Shard::hand_over(Connection& connection) noexcept {
  const std::uint32_t slot = connection.slot();
  std::unique_ptr<Client> client = std::move(slots_[slot].client);
  free_slot(slot);
  try {
    std::string received = connection.take_received();
    client->disconnect();
    auto released = std::make_unique<Released>(*this, std::move(client), std::move(received));
    application_->on_handover(HandedOverConnection(std::move(released)));
  } catch (const std::exception& error) {
    log_given_up("a client", error);
    counters_.add(Counter::closed_out_of_memory);
    if (client == nullptr) return;
    client.reset();
    forget_connection();
  }
}

void Shard::discard_handovers() noexcept {
  for (const Connection* connection : pending_handover_) {
    const std::uint32_t slot = connection->slot();
    slots_[slot].client.reset();
    free_slot(slot);
    forget_connection();
    counters_.add(Counter::connections_dropped);
  }
  pending_handover_.clear();
}

void Shard::take_back(std::unique_ptr<Client> client, const std::string& received) noexcept {
  if (!takes_back_) {
    counters_.add(Counter::connections_dropped);
    client.reset();
    return forget_connection();
  }
  try {
    const std::uint32_t slot = take_slot();
    try {
      if (ProxiedClient* proxied = client->socket.proxied()) proxied->forget_request();
      client->connect(context_, slot, false);
      open(std::move(client), slot);
    } catch (...) {
      free_slot(slot);
      throw;
    }
    Connection& connection = slots_[slot].client->connection();
    guard(connection, [&] { connection.go_on(received); });
  } catch (const std::exception& error) {
    forget_connection();
    counters_.add(Counter::accept_failures);
    log_given_up("a connection", error);
  }
}

}  // namespace wscast::net
