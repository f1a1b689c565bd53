#include "net/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <exception>
#include <grp.h>
#include <optional>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "net/handler_memory.h"

namespace wscast::net {
namespace {

namespace asio = boost::asio;

constexpr int kBacklog = 4096;
constexpr int kMaxAcceptsPerIteration = 64;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr auto kLogPause = std::chrono::minutes(1);
constexpr unsigned kMaxMode = 0777;
constexpr std::size_t kGroupEntryBytes = 1 << 20;  // Enough for a group with very many members.

[[noreturn]] void throw_error(const Endpoint& endpoint, int error, const std::string& what = {}) {
  throw std::system_error(error, std::generic_category(),
                          "cannot listen on " + endpoint.text() + what);
}

[[noreturn]] void throw_errno(const Endpoint& endpoint) {
  throw_error(endpoint, errno);
}

void set_option(const Fd& socket, int level, int name, int value) {
  ::setsockopt(socket.get(), level, name, &value, sizeof value);
}

/// Any other file at `path` is left alone.
bool is_socket_file(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

/// Only a socket without a listener refuses; others may be full, or deny access.
bool has_listener(const Endpoint& endpoint) {
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), endpoint.get(), endpoint.size) == 0 || errno != ECONNREFUSED;
}

std::optional<gid_t> group_of(const std::string& name) {
  std::vector<char> buffer(kGroupEntryBytes);
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return found->gr_gid;
  gid_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

/// Who may connect to a Unix socket.
struct Access {
  std::optional<unsigned> mode{};
  std::optional<gid_t> group{};
};

/// Finds errors before the file exists.
Access access_of(const Endpoint& endpoint, const ListenOptions& options) {
  Access access;
  if (endpoint.family() != AF_UNIX) return access;
  access.mode = options.unix_mode;
  if (access.mode.value_or(0) > kMaxMode) {
    throw_error(endpoint, EINVAL, ": the mode of a socket is at most 0777");
  }
  if (options.unix_group.empty()) return access;
  access.group = group_of(options.unix_group);
  if (!access.group) {
    throw_error(endpoint, EINVAL, ": there is no group \"" + printable(options.unix_group) + "\"");
  }
  return access;
}

/// Called between bind() and listen(), when no client can connect yet.
void restrict_access(const Endpoint& endpoint, const Access& access) {
  const std::string path = endpoint.path();
  if (access.group && ::chown(path.c_str(), static_cast<uid_t>(-1), *access.group) != 0) {
    throw_error(endpoint, errno, ": its group cannot be set");
  }
  if (access.mode && ::chmod(path.c_str(), *access.mode) != 0) {
    throw_error(endpoint, errno, ": its mode cannot be set");
  }
}

/// Sets options that accepted sockets inherit.
void set_options(const Fd& socket, const Endpoint& endpoint, const ListenOptions& options,
                 int send_buffer) {
  set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  if (send_buffer > 0) set_option(socket, SOL_SOCKET, SO_SNDBUF, send_buffer);
  if (endpoint.family() == AF_INET6) {
    set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only ? 1 : 0);
  }
  if (endpoint.family() != AF_UNIX) set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

bool out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

SocketFile::~SocketFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

BoundSocket bind_socket(const Endpoint& endpoint, const ListenOptions& options, int send_buffer) {
  const Access access = access_of(endpoint, options);
  Fd socket(::socket(endpoint.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) throw_errno(endpoint);
  set_options(socket, endpoint, options, send_buffer);
  const std::string path = endpoint.path();
  if (is_socket_file(path) && !has_listener(endpoint)) ::unlink(path.c_str());
  if (::bind(socket.get(), endpoint.get(), endpoint.size) != 0) throw_errno(endpoint);
  BoundSocket bound{std::move(socket), endpoint, SocketFile(path)};
  restrict_access(endpoint, access);
  if (::listen(bound.socket.get(), kBacklog) != 0) throw_errno(endpoint);
  if (path.empty()) {
    bound.endpoint.size = sizeof bound.endpoint.address;
    ::getsockname(bound.socket.get(), bound.endpoint.get(), &bound.endpoint.size);
  }
  return bound;
}

struct Listener::Watch {
  Watch(asio::io_context& loop, int descriptor) : readiness(loop, descriptor), retry_timer(loop) {}
  ~Watch() { readiness.release(); }  // The socket closes its own descriptor.

  /// Binds the memory for waiting, so that the listener never stops for want of it.
  template <class Handler>
  auto with_memory(Handler handler) const {
    return asio::bind_allocator(HandlerAllocator<std::byte>(memory), std::move(handler));
  }

  const std::shared_ptr<HandlerMemory> memory = std::make_shared<HandlerMemory>();
  asio::posix::stream_descriptor readiness;
  asio::steady_timer retry_timer;
};

Listener::Listener(asio::io_context& loop, const Clock& clock, BoundSocket bound,
                   Counters& counters, OnAccept on_accept)
    : clock_(clock),
      bound_(std::move(bound)),
      counters_(counters),
      on_accept_(std::move(on_accept)),
      watch_(std::make_shared<Watch>(loop, bound_.socket.get())) {}

void Listener::start() {
  await_connection();
}

void Listener::await_connection() {
  // The handler of a finished wait may still be queued when the listener is destroyed.
  watch_->readiness.async_wait(
      asio::posix::stream_descriptor::wait_read,
      watch_->with_memory([this, alive = std::weak_ptr(watch_)](auto error) {
        if (!error && !alive.expired()) accept_batch();
      }));
}

void Listener::accept_batch() {
  for (int i = 0; i < kMaxAcceptsPerIteration; ++i) {
    Fd socket(::accept4(bound_.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) {
      note_success();
      pass_on(std::move(socket));
      continue;
    }
    if (out_of_resources(errno)) return pause_accepting(errno);
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    // Any other error concerns one peer that left while in the queue.
  }
  await_connection();
}

/// A connection that cannot be taken over, for want of memory, is closed.
void Listener::pass_on(Fd socket) noexcept {
  try {
    on_accept_(std::move(socket));
  } catch (const std::exception&) {
    counters_.add(Counter::accept_failures);
    note_failure(ENOMEM);
  }
}

void Listener::pause_accepting(int error) {
  counters_.add(Counter::accept_failures);
  note_failure(error);
  try {
    watch_->retry_timer.expires_after(kAcceptPause);
    watch_->retry_timer.async_wait(
        watch_->with_memory([this, alive = std::weak_ptr(watch_)](auto ended) {
          if (!ended && !alive.expired()) await_connection();
        }));
  } catch (const std::exception&) {  // No memory for the timer: without the pause.
    await_connection();
  }
}

/// Accepting is retried ten times per second: one line reports the first failure, the others are
/// only counted. A line that cannot be made is left out.
void Listener::note_failure(int error) noexcept try {
  if (failure_logged_) return;
  const SteadyTime now = clock_.now();
  if (last_logged_ && now - *last_logged_ < kLogPause) return;
  failure_logged_ = true;
  last_logged_ = now;
  log(LogLevel::warning, "accept_failed",
      "no connection can be accepted at " + bound_.endpoint.text() + ": " +
          std::generic_category().message(error) +
          "; tried again until one can, further failures are only counted");
} catch (const std::exception&) {
  failure_logged_ = false;
  last_logged_.reset();
}

void Listener::note_success() noexcept try {
  if (!failure_logged_) return;
  failure_logged_ = false;
  log(LogLevel::info, "accept_recovered",
      "connections are accepted again at " + bound_.endpoint.text());
} catch (const std::exception&) {
  failure_logged_ = true;
}

}  // namespace wscast::net
