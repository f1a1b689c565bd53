#include "client/swarm.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <span>
#include <system_error>
#include <utility>

#include "client/upgrade.h"

namespace wscast::client {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kMaxEvents = 512;

/// Without epoll_pwait2 (before Linux 5.11) it waits for whole milliseconds.
int wait(int epoll, std::span<epoll_event> events, std::chrono::nanoseconds timeout) {
  const auto size = static_cast<int>(events.size());
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(timeout);
  if (whole != timeout) {
    const timespec exact{.tv_sec = timeout.count() / 1'000'000'000,
                         .tv_nsec = timeout.count() % 1'000'000'000};
    const int ready = ::epoll_pwait2(epoll, events.data(), size, &exact, nullptr);
    if (ready >= 0 || errno != ENOSYS) return ready;
  }
  return ::epoll_wait(epoll, events.data(), size, static_cast<int>(whole.count()));
}

}  // namespace

struct Swarm::Slot {
  Connection connection;
  std::uint32_t interest = EPOLLOUT;
  bool opened = false;
  bool close_reported = false;
  bool update_scheduled = false;
  bool reads = true;
};

/// Passes a connection's events on with its index.
class Swarm::IndexedHandler final : public Connection::Handler {
 public:
  IndexedHandler(Swarm& swarm, std::size_t index) : swarm_(swarm), index_(index) {}

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
  address_ = first_address(options_.url.endpoint);
  if (options_.url.tls) tls_ = std::make_unique<TlsClient>(options_.tls);
  slots_.reserve(options_.connections);
}

Swarm::~Swarm() = default;

Address Swarm::first_address(const Endpoint& endpoint) {
  const auto addresses = resolve(endpoint);
  if (addresses.empty()) {
    throw std::system_error(std::make_error_code(std::errc::address_not_available),
                            host_header(endpoint));
  }
  return addresses.front();
}

void Swarm::send_text(std::size_t index, std::string_view payload) {
  slots_[index]->connection.queue(masker_, ws::Opcode::text, payload);
  schedule_update(index);
}

bool Swarm::deflates(std::size_t index) const {
  return slots_[index]->connection.deflates();
}

void Swarm::close(std::size_t index) {
  slots_[index]->connection.close("closed by us");
  schedule_update(index);
}

void Swarm::set_reading(std::size_t index, bool reads) {
  slots_[index]->reads = reads;
  schedule_update(index);
}

const Connection& Swarm::connection(std::size_t index) const {
  return slots_[index]->connection;
}

void Swarm::run_once(std::chrono::nanoseconds timeout) {
  connect_more();
  update_scheduled();
  std::array<epoll_event, kMaxEvents> events;
  const int ready = wait(epoll_.fd(), events, timeout);
  for (int i = 0; i < ready; ++i) handle_events(events[i].data.u64, events[i].events);
  update_scheduled();
}

void Swarm::connect_more() {
  while (started_ < options_.connections && connecting_ < options_.max_connecting) {
    slots_.push_back(start(options_.url, address_));
    watch(started_++);
  }
}

void Swarm::reconnect(std::size_t index) {
  slots_[index] = start(options_.url, address_);
  watch(index);
}

void Swarm::reconnect(std::size_t index, const Url& url) {
  slots_[index] = start(url, first_address(url.endpoint));
  watch(index);
}

std::unique_ptr<Swarm::Slot> Swarm::start(const Url& url, const Address& address) {
  std::vector<Header> extra;
  if (options_.deflate) extra.push_back(extensions_header(*options_.deflate));
  Connection::Upgrade upgrade{
      .request = {}, .key = make_upgrade_key(random_), .deflate = options_.deflate};
  upgrade.request = upgrade_request(url, upgrade.key, extra);
  std::error_code error;
  Socket socket = start_connect(address, error);
  std::unique_ptr<TlsSession> tls;
  if (tls_) tls = std::make_unique<TlsSession>(*tls_, socket.fd(), url.endpoint.host);
  auto slot = std::unique_ptr<Slot>(  // NOLINT(modernize-make-unique): a Slot cannot be moved.
      new Slot{.connection = Connection(std::move(socket), std::move(upgrade), options_.max_payload,
                                        codec_, std::move(tls))});
  if (error) slot->connection.close("connecting failed");
  return slot;
}

void Swarm::watch(std::size_t index) {
  ++connecting_;
  Slot& slot = *slots_[index];
  epoll_event event{.events = slot.interest, .data = {.u64 = index}};
  if (slot.connection.state() == Connection::State::closed ||
      ::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, slot.connection.fd(), &event) != 0) {
    slot.connection.close("connecting failed");
    schedule_update(index);
  }
}

void Swarm::handle_events(std::size_t index, std::uint32_t events) {
  Connection& connection = slots_[index]->connection;
  if (connection.state() == Connection::State::closed) return;
  if ((events & (EPOLLOUT | EPOLLERR)) != 0) connection.on_writable();
  if ((events & (EPOLLIN | EPOLLHUP)) != 0) {
    IndexedHandler handler(*this, index);
    connection.on_readable(buffer_, masker_, handler);
  }
  update(index);
}

void Swarm::schedule_update(std::size_t index) {
  if (!std::exchange(slots_[index]->update_scheduled, true)) scheduled_.push_back(index);
}

/// Sends what is queued, then reports a close or changes what epoll waits for.
void Swarm::update(std::size_t index) {
  Slot& slot = *slots_[index];
  slot.connection.flush();
  if (slot.connection.state() == Connection::State::closed) {
    if (std::exchange(slot.close_reported, true)) return;
    --(slot.opened ? open_count_ : connecting_);
    return handler_.on_closed(index, slot.connection.close_cause());
  }
  const std::uint32_t read = slot.reads ? std::uint32_t{EPOLLIN} : 0;
  const std::uint32_t interest = slot.connection.wants_write() ? read | EPOLLOUT : read;
  if (interest == slot.interest || slot.connection.state() == Connection::State::connecting) return;
  slot.interest = interest;
  epoll_event event{.events = interest, .data = {.u64 = index}};
  ::epoll_ctl(epoll_.fd(), EPOLL_CTL_MOD, slot.connection.fd(), &event);
}

void Swarm::update_scheduled() {
  // By index: the handler may append to the list meanwhile.
  // NOLINTNEXTLINE(modernize-loop-convert)
  for (std::size_t i = 0; i < scheduled_.size(); ++i) {
    slots_[scheduled_[i]]->update_scheduled = false;
    update(scheduled_[i]);
  }
  scheduled_.clear();
}

}  // namespace wscast::client
