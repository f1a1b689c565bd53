#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/history.h"
#include "broker/redis/history/append_batch.h"
#include "broker/redis/history/page_builder.h"
#include "broker/redis/history/room_order.h"
#include "broker/redis/history/script_client.h"
#include "broker/redis/history/script_replies.h"
#include "broker/redis/pubsub/publisher.h"

namespace wscast::redis {

/// The history of rooms in Redis, by scripts (protocol.md H9). Messages of a room that are appended
/// one after the other in one loop iteration share a call, which costs Redis a third. Nothing is
/// tried again. Without memory to understand an answer, it is as if there was none. Loop thread
/// only.
class RedisHistory final : public History {
 public:
  struct Settings {
    std::string prefix{};  ///< RedisOptions::prefix.
    std::size_t max_envelope_bytes = 1024 * 1024;
    std::size_t rooms_per_call = 100;  ///< 1 in a Cluster: rooms have slots of their own.
  };

  /// Callbacks to the owner. All of them are required.
  struct Host {
    /// Runs it on the Redis that has `call.keys`. Calls back later; not at all when it has stopped;
    /// without a reply once more if that throws.
    std::function<void(ScriptCall call, Publisher::OnAnswer on_answer)> run;

    /// Runs it from the loop.
    std::function<void(std::function<void()>)> later;
    std::function<void(Backplane outcome)> count;           ///< Of a message.
    std::function<void(const std::string& why)> refused;    ///< In Redis' words.
    std::function<void(const std::string& why)> read_only;  ///< It is a replica now.
  };

  RedisHistory(Settings settings, Host host)
      : settings_(std::move(settings)), host_(std::move(host)) {}

  void append(HistoryAppend append, Appended done) override;

  void append_and_explain(HistoryAppend append, OnAppended done);

  /// Sends the appended messages that still wait for more of their room. Without memory for that
  /// they are `down`.
  void flush() noexcept;

  /// Whether none waits.
  bool settled() const { return batch_ == nullptr; }

  void read(HistoryRead read, Page done) override;
  void read_positions(std::vector<Room> rooms, Positions done) override;

 private:
  struct Appending;
  struct Reading;
  struct PositionsReading;
  using Batch = std::shared_ptr<AppendBatch>;
  using Ticket = RoomOrder::Ticket;

  void send(const Batch& batch);
  void on_appended(AppendBatch& batch, const Publisher::Answer& answer);
  std::vector<AppendOutcome> outcomes(std::size_t messages, const RespValue& reply);
  AppendOutcome outcome(AppendReply append);
  void read_part(const std::shared_ptr<Reading>& reading, const Ticket& ticket);
  void on_part(const std::shared_ptr<Reading>& reading, const Ticket& ticket,
               const Publisher::Answer& answer);
  void read_some_positions(const std::shared_ptr<PositionsReading>& reading, const Ticket& ticket,
                           std::size_t first, std::size_t count);
  void on_positions(PositionsReading& reading, std::size_t first, std::size_t count,
                    const Publisher::Answer& answer);
  // Return the words in which they reported it.
  std::string refuse(const Publisher::Answer& answer);
  std::string refuse(const std::string& why);

  const Settings settings_;
  const Host host_;
  RoomOrder order_;
  Batch batch_;  ///< Null: nothing waits.
};

}  // namespace wscast::redis
