#include "client/swarm.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "client/upgrade.h"

namespace wscast::client {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kMaxEvents = 512;

}  // namespace

struct Swarm::Slot {
  Connection connection;
  std::uint32_t interest = EPOLLOUT;
  bool opened = false;
  bool closed_told = false;
  bool touched = false;
};

/// Adds the index to what a connection tells.
class Swarm::Relay final : public Connection::Handler {
 public:
  Relay(Swarm& swarm, std::size_t index) : swarm_(swarm), index_(index) {}

  void on_open() override {
    swarm_.slots_[index_]->opened = true;
    --swarm_.connecting_;
    ++swarm_.open_count_;
    swarm_.handler_.on_open(index_);
  }

  void on_message(std::string_view message) override {
    swarm_.handler_.on_message(index_, message);
  }

 private:
  Swarm& swarm_;
  std::size_t index_;
};

Swarm::Swarm(Options options, Handler& handler, Random& random)
    : options_(std::move(options)),
      handler_(handler),
      random_(random),
      masker_(random),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      buffer_(kReadBytes) {
  if (!epoll_) throw std::system_error(errno, std::system_category(), "epoll_create1");
  const auto addresses = resolve(options_.url.endpoint);
  if (addresses.empty()) {
    throw std::system_error(std::make_error_code(std::errc::address_not_available),
                            host_header(options_.url.endpoint));
  }
  address_ = addresses.front();
  slots_.reserve(options_.connections);
}

Swarm::~Swarm() = default;

void Swarm::send_text(std::size_t index, std::string_view payload) {
  slots_[index]->connection.queue(masker_, ws::Opcode::text, payload);
  touch(index);
}

void Swarm::close(std::size_t index) {
  slots_[index]->connection.close("closed by us");
  touch(index);
}

void Swarm::turn(std::chrono::milliseconds timeout) {
  connect_more();
  settle_touched();
  std::array<epoll_event, kMaxEvents> events;
  const int ready = ::epoll_wait(epoll_.fd(), events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(timeout.count()));
  for (int i = 0; i < ready; ++i) serve(events[i].data.u64, events[i].events);
  settle_touched();
}

void Swarm::connect_more() {
  while (started_ < options_.connections && connecting_ < options_.max_connecting) {
    start(started_++);
  }
}

void Swarm::start(std::size_t index) {
  std::string key = make_upgrade_key(random_);
  std::string request = upgrade_request(options_.url, key);
  std::error_code error;
  Socket socket = start_connect(address_, error);
  slots_.push_back(std::unique_ptr<Slot>(  // NOLINT(modernize-make-unique): a Slot cannot be moved.
      new Slot{.connection = Connection(std::move(socket), std::move(request), std::move(key),
                                        options_.max_payload)}));
  ++connecting_;
  Slot& slot = *slots_[index];
  epoll_event event{.events = slot.interest, .data = {.u64 = index}};
  if (error || ::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, slot.connection.fd(), &event) != 0) {
    slot.connection.close("connecting failed");
    touch(index);
  }
}

void Swarm::serve(std::size_t index, std::uint32_t events) {
  Connection& connection = slots_[index]->connection;
  if (connection.state() == Connection::State::closed) return;
  if ((events & (EPOLLOUT | EPOLLERR)) != 0) connection.on_writable();
  if ((events & (EPOLLIN | EPOLLHUP)) != 0) {
    Relay relay(*this, index);
    connection.on_readable(buffer_, masker_, relay);
  }
  settle(index);
}

void Swarm::touch(std::size_t index) {
  if (!std::exchange(slots_[index]->touched, true)) touched_.push_back(index);
}

/// Sends what waits, and looks what has become of the connection.
void Swarm::settle(std::size_t index) {
  Slot& slot = *slots_[index];
  slot.connection.flush();
  if (slot.connection.state() == Connection::State::closed) {
    if (std::exchange(slot.closed_told, true)) return;
    --(slot.opened ? open_count_ : connecting_);
    return handler_.on_closed(index, slot.connection.close_cause());
  }
  const std::uint32_t interest = slot.connection.wants_write() ? EPOLLIN | EPOLLOUT : EPOLLIN;
  if (interest == slot.interest || slot.connection.state() == Connection::State::connecting) return;
  slot.interest = interest;
  epoll_event event{.events = interest, .data = {.u64 = index}};
  ::epoll_ctl(epoll_.fd(), EPOLL_CTL_MOD, slot.connection.fd(), &event);
}

void Swarm::settle_touched() {
  // The handler may touch more meanwhile, so nothing that holds a place in the list will do.
  // NOLINTNEXTLINE(modernize-loop-convert)
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    slots_[touched_[i]]->touched = false;
    settle(touched_[i]);
  }
  touched_.clear();
}

}  // namespace wscast::client
