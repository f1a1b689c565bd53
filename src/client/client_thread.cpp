#include "client/client_thread.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <unistd.h>
#include <utility>

#include "wscast/error.h"

#include "base/random.h"
#include "base/thread.h"
#include "client/url.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

Socket wake_descriptor() {
  Socket descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!descriptor) throw std::system_error(errno, std::generic_category(), "eventfd");
  return descriptor;
}

SingleClient::Options connection_options(const ClientOptions& options) {
  return {.url = *parse_url(options.url),
          .max_payload = options.max_message,
          .tls = {.ca_file = options.ca_file, .verify = options.verify}};
}

ClientOptions with_on_state(ClientOptions options,
                            std::function<void(const ClientStateChange&)> on_state) {
  options.on_state = std::move(on_state);
  return options;
}

/// The time to wait until `due`, at most a minute.
milliseconds time_until(SteadyTime due, SteadyTime now) {
  if (due <= now) return 0ms;
  constexpr milliseconds kLongest = 60s;
  return due - now > kLongest ? kLongest : std::chrono::ceil<milliseconds>(due - now);
}

SteadyTime now() {
  return system_clock().now();
}

}  // namespace

ClientThread::ClientThread(ClientOptions options)
    : user_on_state_(options.on_state),
      options_(with_on_state(std::move(options),
                             [this](const ClientStateChange& change) { on_state(change); })),
      wake_(wake_descriptor()),
      connection_(connection_options(options_), *this),
      session_(options_, *this, system_random()) {
  // OpenSSL, which cleans up when the program exits, begins before a static Client does: so it ends
  // after it.
  std::array<std::uint8_t, 1> unused{};
  system_random().fill(unused);
  thread_ = start_thread("the client's thread", [this] { run(); });
}

ClientThread::~ClientThread() {
  close();
  thread_.join();
}

std::error_code ClientThread::post(std::size_t bytes, Call call) {
  const std::lock_guard lock(mutex_);
  if (!open_ || closing_) return Errc::stopped;
  const std::size_t waiting = call_bytes_ + waiting_bytes_;
  if (bytes > 0 && waiting > 0 && waiting + bytes > options_.max_waiting_bytes) {
    return Errc::queue_full;
  }
  call_bytes_ += bytes;
  calls_.push_back(std::move(call));
  if (calls_.size() == 1) ::eventfd_write(wake_.fd(), 1);
  return {};
}

void ClientThread::close() {
  const std::lock_guard lock(mutex_);
  closing_ = true;
  ::eventfd_write(wake_.fd(), 1);
}

ConnectionState ClientThread::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::string ClientThread::id() const {
  const std::lock_guard lock(mutex_);
  return id_;
}

std::string ClientThread::user_id() const {
  const std::lock_guard lock(mutex_);
  return user_id_;
}

void ClientThread::run() {
  while (!end()) {
    make_calls();
    session_.on_time(now());
    if (session_.has_connection() && connection_.closed()) {
      session_.on_end(now(), {.words = connection_.end_text(),
                              .close_code = connection_.close_code(),
                              .close_reason = std::string(connection_.close_reason()),
                              .http_status = connection_.response_status()});
      continue;
    }
    if (!session_.closed()) wait();
  }
}

/// Whether the client is closed, and nothing is left to do.
bool ClientThread::end() {
  if (!session_.closed()) return false;
  const std::lock_guard lock(mutex_);
  if (calls_.empty()) open_ = false;
  return !open_;
}

void ClientThread::make_calls() {
  std::vector<Call> calls;
  bool closing = false;
  {
    const std::lock_guard lock(mutex_);
    calls.swap(calls_);
    closing = closing_;
    waiting_bytes_ += std::exchange(call_bytes_, 0);
  }
  for (const auto& call : calls) call(session_, now());
  session_.flush(now());
  if (closing) session_.close();
  const std::size_t waiting = session_.waiting_bytes() + connection_.unsent_bytes();
  const std::lock_guard lock(mutex_);
  waiting_bytes_ = waiting;
}

void ClientThread::wait() {
  connection_.run_once(time_until(session_.due(), now()), wake_.fd());
  if (connection_.received()) session_.on_received();
  eventfd_t count = 0;
  ::eventfd_read(wake_.fd(), &count);  // Before the mailbox is looked at.
}

void ClientThread::on_message(std::string_view message) {
  session_.on_text(now(), message);
}

void ClientThread::on_state(const ClientStateChange& change) {
  {
    const std::lock_guard lock(mutex_);
    state_ = change.state;
    id_ = session_.id();
    user_id_ = session_.user_id();
  }
  if (user_on_state_) user_on_state_(change);
}

}  // namespace wscast::client
