#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "client/socket.h"
#include "load.h"
#include "report.h"

namespace wscast::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxEvents = 512;
constexpr int kMaxConnectsPerTurn = 16;
constexpr std::chrono::microseconds kConnectPause{200};  // 5,000 connects a second at most.
constexpr std::chrono::milliseconds kTurn{1};

std::string content_of(const std::string& file) {
  if (file.empty()) return {};
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw LoadFailure("cannot read " + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Connections that send bytes made by somebody else, whatever the server says: first the prologue,
/// then one byte of the drip after the other, or the flood again and again. One that the server
/// ends is made anew, at a limited rate. With --deaf nothing is ever read.
class AttackLoad {
 public:
  explicit AttackLoad(const Arguments& arguments)
      : arguments_(arguments),
        prologue_(content_of(arguments.prologue)),
        drip_(content_of(arguments.drip)),
        flood_(content_of(arguments.flood)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        lanes_(arguments.clients) {
    const auto addresses = client::resolve(arguments.connect);
    if (addresses.empty()) throw LoadFailure("unknown host");
    address_ = addresses.front();
    for (std::size_t i = 0; i < lanes_.size(); ++i) waiting_.push_back(i);
  }

  void run() {
    while (opened_ < lanes_.size()) turn();
    print_line("ready");
    while (!stdin_ended()) turn();
    print_report({{"opened", opened_}, {"ended", ended_}, {"bytes", bytes_}});
  }

 private:
  struct Lane {
    client::Socket socket;
    std::size_t sent = 0;  ///< Of the prologue, then of the drip or flood behind it.
    bool connected = false;
  };

  void turn() {
    start_due();
    std::array<epoll_event, kMaxEvents> events;
    const int ready = ::epoll_wait(epoll_.fd(), events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(kTurn.count()));
    for (int i = 0; i < ready; ++i) handle(events[i].data.u64, events[i].events);
    const auto now = Clock::now();
    if (drip_.empty() || now < next_drip_) return;
    next_drip_ = now + arguments_.every;
    for (std::size_t i = 0; i < lanes_.size(); ++i) drip(i);
  }

  void start_due() {
    const auto now = Clock::now();
    next_connect_ = std::max(next_connect_, now - kMaxConnectsPerTurn * kConnectPause);
    for (; next_connect_ <= now && !waiting_.empty(); next_connect_ += kConnectPause) start_next();
  }

  void start_next() {
    const std::size_t index = waiting_.back();
    waiting_.pop_back();
    std::error_code error;
    lanes_[index] = Lane{client::start_connect(address_, error)};
    if (error) return end(index);
    epoll_event event{.events = EPOLLOUT | EPOLLRDHUP, .data = {.u64 = index}};
    ::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, lanes_[index].socket.fd(), &event);
  }

  void handle(std::size_t index, std::uint32_t events) {
    Lane& lane = lanes_[index];
    if (!lane.socket) return;
    if ((events & EPOLLERR) != 0) return end(index);
    if ((events & EPOLLIN) != 0 && !discard_input(lane)) return end(index);
    if (arguments_.deaf && (events & (EPOLLRDHUP | EPOLLHUP)) != 0) return end(index);
    if ((events & EPOLLOUT) == 0) return;
    if (!lane.connected) {
      lane.connected = true;
      ++opened_;
    }
    if (!send_prologue(lane)) return end(index);
    if (lane.sent < prologue_.size()) return;
    if (!flood_.empty()) {
      if (!send_flood(lane)) end(index);
      return;
    }
    watch(index, 0);  // Nothing to write until the next drip.
  }

  void watch(std::size_t index, std::uint32_t more) {
    const std::uint32_t read = arguments_.deaf ? 0 : static_cast<std::uint32_t>(EPOLLIN);
    epoll_event event{.events = read | EPOLLRDHUP | more, .data = {.u64 = index}};
    ::epoll_ctl(epoll_.fd(), EPOLL_CTL_MOD, lanes_[index].socket.fd(), &event);
  }

  bool send_prologue(Lane& lane) {
    if (lane.sent >= prologue_.size()) return true;
    return send(lane, std::string_view(prologue_).substr(lane.sent));
  }

  bool send_flood(Lane& lane) {
    const std::size_t at = (lane.sent - prologue_.size()) % flood_.size();
    return send(lane, std::string_view(flood_).substr(at));
  }

  void drip(std::size_t index) {
    Lane& lane = lanes_[index];
    if (!lane.socket || lane.sent < prologue_.size()) return;
    const std::size_t at = (lane.sent - prologue_.size()) % drip_.size();
    if (!send(lane, std::string_view(drip_).substr(at, 1))) end(index);
  }

  /// False when the connection is over.
  bool send(Lane& lane, std::string_view bytes) {
    const ssize_t sent = ::send(lane.socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    lane.sent += static_cast<std::size_t>(sent);
    bytes_ += static_cast<std::size_t>(sent);
    return true;
  }

  bool discard_input(const Lane& lane) {
    std::array<char, 16 * 1024> bytes;
    const ssize_t got = ::recv(lane.socket.fd(), bytes.data(), bytes.size(), 0);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  }

  void end(std::size_t index) {
    if (lanes_[index].connected) ++ended_;
    lanes_[index].socket.close();
    if (!arguments_.deaf) waiting_.insert(waiting_.begin(), index);
  }

  static bool stdin_ended() {
    pollfd entry{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    std::array<char, 256> bytes;
    return ::poll(&entry, 1, 0) > 0 && ::read(STDIN_FILENO, bytes.data(), bytes.size()) <= 0;
  }

  const Arguments& arguments_;
  const std::string prologue_;
  const std::string drip_;
  const std::string flood_;
  client::Address address_;
  client::Socket epoll_;
  std::vector<Lane> lanes_;
  std::vector<std::size_t> waiting_;  ///< Lanes without a connection; the last is next.
  Clock::time_point next_drip_ = Clock::now();
  Clock::time_point next_connect_ = Clock::now();
  std::size_t opened_ = 0;
  std::size_t ended_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

void run_attack(const Arguments& arguments) {
  AttackLoad(arguments).run();
}

}  // namespace wscast::bench
