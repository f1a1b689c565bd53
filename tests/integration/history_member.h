#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/history.h"
#include "wscast/json_fields.h"

#include "integration/server_fixture.h"

namespace wscast {

/// A client of one room with history which checks all that comes against its position, as an
/// application would (protocol.md H4 to H6): each message is the next of its epoch, unless it was
/// told before that some are lost. The data of messages are numbers. One thread at a time.
class HistoryMember {
 public:
  struct Seen {
    Position position;
    int data = 0;
  };

  /// It was told that the messages between two positions are lost; of two epochs, the rest of the
  /// first and the beginning of the second.
  struct Loss {
    Position after;
    Position to;
    std::string reason;
  };

  HistoryMember(std::string user, std::string room)
      : user_(std::move(user)), room_(std::move(room)) {}

  /// Connects to that server in place of the former, and joins the room with what it has seen.
  void connect(const ServerFixture& server) { connect(server.address()); }
  void connect(const std::string& address) { ASSERT_TRUE(try_connect(address)) << user_; }

  /// False: the connection ended before it was in the room, or the room's position was not told.
  bool try_connect(const std::string& address) {
    peer_.socket = std::make_unique<client::BlockingClient>();
    if (peer_.socket->connect(endpoint_of(address))) return false;
    peer_.socket->send_text(R"({"event":"authenticate","data":{"token":")" + user_ +
                            R"("},"ext":{"positions":1}})");
    const auto first = peer_.socket->receive(std::chrono::seconds(10));
    const auto connected = JsonFields::of(Json::text(first.payload));
    if (!connected || connected->string("event") != "connected") return false;
    peer_.socket->send_text(R"({"event":"join","data":{"rooms":[")" + room_ + "\"]" + recover() +
                            R"(},"id":1})");
    const auto ack = peer_.socket->receive(std::chrono::seconds(10));
    if (ack.kind != client::Event::Kind::text || !on_ack(ack.payload)) return false;
    peer_.id = JsonFields::of(connected->raw("data"))->string("id").value_or("");
    return true;
  }

  void disconnect() { peer_.socket.reset(); }

  /// Reads until the connection ends, which it must within 10 s.
  void read_to_end() {
    bool over = false;
    read_until([&] { return over; }, [&] { over = true; });
  }

  /// Reads until `condition` holds; a failure of the test if it does not within 10 s.
  void read_until(const std::function<bool()>& condition,
                  const std::function<void()>& on_end = nullptr) {
    ASSERT_TRUE(position_) << user_ << " is not in the room";
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << user_ << " at " << text(*position_);
      const auto event = peer_.socket->receive(std::chrono::seconds(1));
      if (event.kind == client::Event::Kind::timeout) continue;
      if (on_end && event.kind != client::Event::Kind::text) {
        on_end();
        continue;
      }
      ASSERT_EQ(event.kind, client::Event::Kind::text) << event.payload << ' ' << event.code;
      on_text(event.payload);
      if (testing::Test::HasFatalFailure()) return;
    }
  }

  /// Publishes into a room, without a result.
  void say(const std::string& room, int data) const {
    peer_.send("n", R"({"room":")" + room + R"(","data":)" + std::to_string(data) + '}');
  }

  void read_to(int data) {
    read_until([&] { return !seen_.empty() && seen_.back().data == data; });
  }
  void read_to_loss(std::size_t number = 1) {
    read_until([&] { return losses_.size() >= number; });
  }

  const std::vector<Seen>& seen() const { return seen_; }
  const std::vector<Loss>& losses() const { return losses_; }
  const Position& position() const { return *position_; }
  const std::string& user() const { return user_; }

  /// Whether it was told that this message is lost, or came into the room behind it.
  bool does_without(const Position& position) const {
    if (position.epoch == first_.epoch && position.offset <= first_.offset) return true;
    for (const Loss& loss : losses_) {
      const bool behind = position.epoch == loss.after.epoch && position.offset > loss.after.offset;
      const bool before = position.epoch == loss.to.epoch && position.offset <= loss.to.offset;
      if (loss.after.epoch == loss.to.epoch ? behind && before : behind || before) return true;
    }
    return false;
  }

  static std::string text(const Position& position) {
    return std::to_string(position.offset) + " of " + position.epoch;
  }

 private:
  using Fields = std::optional<JsonFields>;

  static Position position_of(const JsonFields& fields) {
    return {std::stoull(std::string(fields.raw("offset").view())),
            fields.string("epoch").value_or("")};
  }

  std::string recover() const {
    if (!position_) return "";
    return R"(,"recover":{"ids":[")" + peer_.id + R"("],"rooms":{")" + room_ + R"(":{"offset":)" +
           std::to_string(position_->offset) + R"(,"epoch":")" + position_->epoch + "\"}}}";
  }

  bool on_ack(const std::string& text) {
    const auto ack = JsonFields::of(Json::text(text));
    const Fields data = ack ? JsonFields::of(ack->raw("data")) : std::nullopt;
    const Fields positions = data ? JsonFields::of(data->raw("positions")) : std::nullopt;
    const Fields room = positions ? JsonFields::of(positions->raw(room_)) : std::nullopt;
    if (!room || room->raw("offset").view() == "null") return false;
    const Position start = position_of(*room);
    if (!position_) {
      first_ = start;
    } else if (room->boolean("recovered").value()) {
      EXPECT_EQ(start, *position_) << text;
    } else {
      lose(start, room->string("reason").value_or(""));
    }
    position_ = start;
    return true;
  }

  void on_text(const std::string& text) {
    const auto fields = JsonFields::of(Json::text(text));
    const auto event = fields->string("event");
    if (event == "n") return on_message(*fields, text);
    EXPECT_EQ(fields->boolean("server"), true) << text;
    if (event == "gap") return on_gap(*JsonFields::of(fields->raw("data")), text);
    EXPECT_EQ(event, "dropped") << text << ": X3, which other rooms may concern";
  }

  void on_message(const JsonFields& message, const std::string& text) {
    ASSERT_EQ(message.string("room"), room_) << text;
    const auto offset = std::stoull(std::string(message.raw("offset").view()));
    ASSERT_EQ(offset, position_->offset + 1) << user_ << ": " << text;
    position_->offset = offset;
    seen_.push_back({*position_, std::stoi(std::string(message.raw("data").view()))});
  }

  void on_gap(const JsonFields& gap, const std::string& text) {
    ASSERT_EQ(gap.string("room"), room_) << text;
    const Position behind = position_of(*JsonFields::of(gap.raw("position")));
    const auto reason = gap.string("reason").value_or("");
    if (gap.raw("from").view() != "null") {
      EXPECT_EQ(gap.raw("from").view(), std::to_string(position_->offset + 1)) << text;
      EXPECT_EQ(gap.raw("to").view(), std::to_string(behind.offset)) << text;
    }
    lose(behind, reason);
    position_ = behind;
  }

  /// An epoch does not go on once another has begun.
  void lose(const Position& behind, std::string reason) {
    const bool same = behind.epoch == position_->epoch;
    EXPECT_NE(same, reason == "epoch");
    const bool perhaps_none = reason == "unavailable" && behind.offset == position_->offset;
    EXPECT_TRUE(!same || behind.offset > position_->offset || perhaps_none) << "lost what it had";
    losses_.push_back({*position_, behind, std::move(reason)});
  }

  const std::string user_;
  const std::string room_;
  Peer peer_;
  Position first_;  ///< Where it came into the room.
  std::optional<Position> position_;
  std::vector<Seen> seen_;
  std::vector<Loss> losses_;
};

}  // namespace wscast
