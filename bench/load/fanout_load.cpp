#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/swarm.h"
#include "load.h"
#include "measurement.h"
#include "numbered_text.h"
#include "session.h"
#include "watchdog.h"

namespace wscast::bench {
namespace {

/// Everybody joins a room, then client 0 publishes to it; the next message follows when all who
/// must have it have received this one, each byte of it. `wscast serve` takes `publish` and sends
/// its event and data to the others; bench-app sends the whole data, of `pub` to the sender too.
class FanoutLoad final : public client::Swarm::Handler {
 public:
  explicit FanoutLoad(const Arguments& arguments)
      : arguments_(arguments),
        measurement_(arguments.server),
        swarm_(
            {.url = arguments.url, .connections = arguments.clients, .deflate = offer(arguments)},
            *this),
        received_(arguments.clients),
        first_receiver_(arguments.publish_event == "pub" ? 0 : 1) {
    const std::string message = R"("event":"b","data":")" + words(arguments.size) + R"("})";
    const std::string data = R"({"room":")" + arguments.room + R"(",)" + message;
    request_ = R"({"event":")" + arguments.publish_event + R"(","data":)" + data + "}";
    delivery_ = arguments.publish_event == "publish" ? "{" + message
                                                     : R"({"event":"bench","data":)" + data + "}";
    request_number_ = request_.rfind(words(arguments.size));
    delivery_number_ = delivery_.rfind(words(arguments.size));
  }

  void run() {
    while (connected_ < received_.size()) turn();
    probe_until_all_joined();
    publish_for(kWarmUp);
    measurement_.run(arguments_, [this] { publish_for(arguments_.measured); });
  }

  void on_open(std::size_t index) override {
    if (arguments_.deflate && !swarm_.deflates(index)) {
      throw LoadFailure("the server did not accept permessage-deflate");
    }
    swarm_.send_text(index, authenticate_text(index));
  }

  void on_message(std::size_t index, std::string_view message) override {
    ++progress_;
    if (round_ == 0 && is_connected_text(message)) {
      ++connected_;
      swarm_.send_text(index, join_text(arguments_.room));
      return;
    }
    if (message == delivery_ && index >= first_receiver_ && received_[index] != round_) {
      received_[index] = round_;
      ++received_now_;
      measurement_.add(published_);
    } else if (!probing_ || !is_delivery(message)) {
      throw LoadFailure("client " + std::to_string(index) +
                        " received what it must not: " + std::string(message.substr(0, 200)));
    }
  }

  void on_closed(std::size_t, std::string_view cause) override {
    throw LoadFailure("a connection closed: " + std::string(cause));
  }

 private:
  static std::optional<ws::DeflateOffer> offer(const Arguments& arguments) {
    if (!arguments.deflate) return std::nullopt;
    return ws::DeflateOffer{};
  }

  /// A join is not answered: the room is whole when one message has reached everybody. Whoever has
  /// received that one receives none of the earlier ones later.
  void probe_until_all_joined() {
    do {
      publish();
      const auto end = Measurement::Clock::now() + std::chrono::milliseconds(200);
      while (!all_received() && Measurement::Clock::now() < end) turn();
    } while (!all_received());
    probing_ = false;
  }

  void publish_for(std::chrono::milliseconds time) {
    const auto end = Measurement::Clock::now() + time;
    while (Measurement::Clock::now() < end) {
      publish();
      while (!all_received()) turn();
    }
  }

  void publish() {
    ++round_;
    received_now_ = 0;
    write_number(std::span(delivery_).subspan(delivery_number_, arguments_.size), round_);
    write_number(std::span(request_).subspan(request_number_, arguments_.size), round_);
    published_ = Measurement::Clock::now();
    swarm_.send_text(0, request_);
  }

  /// Also of an earlier probe.
  bool is_delivery(std::string_view message) const {
    return message.size() == delivery_.size() &&
           message.starts_with(std::string_view(delivery_).substr(0, delivery_number_));
  }

  bool all_received() const { return received_now_ == received_.size() - first_receiver_; }

  void turn() {
    swarm_.run_once(std::chrono::milliseconds(100));
    watchdog_.look(progress_);
  }

  const Arguments& arguments_;
  Measurement measurement_;
  client::Swarm swarm_;
  std::vector<std::uint64_t> received_;  ///< The round that each client received last.
  const std::size_t first_receiver_;     ///< 1 where the sender gets nothing back.
  std::string request_;
  std::string delivery_;
  std::size_t request_number_ = 0;  ///< Where the numbered text begins.
  std::size_t delivery_number_ = 0;
  Measurement::Clock::time_point published_;
  Watchdog watchdog_;
  std::uint64_t round_ = 0;
  std::uint64_t progress_ = 0;
  std::size_t connected_ = 0;
  std::size_t received_now_ = 0;
  bool probing_ = true;
};

}  // namespace

void run_fanout(const Arguments& arguments) {
  FanoutLoad(arguments).run();
}

}  // namespace wscast::bench
