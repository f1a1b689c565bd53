#include <cstdio>
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

/// What stands before and after the payload of an echo. An application answers `echo` with the same
/// event and data, so that its echo is what was sent, too.
struct Frame {
  std::string_view before;
  std::string_view after;
};

Frame frame_of(std::string_view mode) {
  if (mode == "app-echo") return {R"({"event":"echo","data":")", R"("})"};
  return {};
}

/// Each client keeps one message in flight and checks that it comes back as it was.
class EchoLoad final : public client::Swarm::Handler {
 public:
  explicit EchoLoad(const Arguments& arguments)
      : arguments_(arguments),
        frame_(frame_of(arguments.mode)),
        measurement_(arguments.server),
        swarm_({.url = arguments.url, .connections = arguments.clients}, *this),
        lanes_(arguments.clients) {}

  void run() {
    while (ready_ < lanes_.size()) turn();
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      lanes_[i].message.append(frame_.before).append(arguments_.size, 'x').append(frame_.after);
      send_next(i);
    }
    run_for(kWarmUp);
    measurement_.run(arguments_, [this] { run_for(arguments_.measured); });
  }

  void on_open(std::size_t index) override {
    ++progress_;
    if (arguments_.mode == "app-echo") {
      swarm_.send_text(index, authenticate_text(index));
    } else {
      ++ready_;
    }
  }

  void on_message(std::size_t index, std::string_view message) override {
    if (lanes_[index].message.empty() && is_connected_text(message)) {
      ++ready_;
      ++progress_;
      return;
    }
    if (message != lanes_[index].message) throw LoadFailure("an echo is not what was sent");
    measurement_.add(lanes_[index].sent);
    ++progress_;
    send_next(index);
  }

  void on_closed(std::size_t, std::string_view cause) override {
    throw LoadFailure("a connection closed: " + std::string(cause));
  }

 private:
  struct Lane {
    std::string message;
    Measurement::Clock::time_point sent;
  };

  void send_next(std::size_t index) {
    Lane& lane = lanes_[index];
    write_number(std::span(lane.message).subspan(frame_.before.size(), arguments_.size), progress_);
    lane.sent = Measurement::Clock::now();
    swarm_.send_text(index, lane.message);
  }

  void run_for(std::chrono::milliseconds time) {
    const auto end = Measurement::Clock::now() + time;
    while (Measurement::Clock::now() < end) turn();
  }

  void turn() {
    swarm_.run_once(std::chrono::milliseconds(100));
    watchdog_.look(progress_);
  }

  const Arguments& arguments_;
  const Frame frame_;
  Measurement measurement_;
  client::Swarm swarm_;
  std::vector<Lane> lanes_;
  Watchdog watchdog_;
  std::uint64_t progress_ = 0;
  std::size_t ready_ = 0;  ///< Clients that may send.
};

}  // namespace

void run_echo(const Arguments& arguments) {
  EchoLoad(arguments).run();
}

}  // namespace wscast::bench
