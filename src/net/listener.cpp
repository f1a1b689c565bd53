#include "net/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"

namespace wscast::net {
namespace {

namespace asio = boost::asio;

constexpr int kBacklog = 4096;
constexpr int kAcceptsATurn = 64;
constexpr auto kRest = std::chrono::milliseconds(100);

[[noreturn]] void throw_errno(const Endpoint& endpoint) {
  throw std::system_error(errno, std::generic_category(), "cannot listen on " + endpoint.text());
}

void set_option(const Fd& socket, int level, int name, int value) {
  ::setsockopt(socket.get(), level, name, &value, sizeof value);
}

/// Whatever else lies there is somebody's file.
bool is_socket_file(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

bool somebody_listens(const Endpoint& endpoint) {
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), endpoint.get(), endpoint.size) == 0;
}

/// Accepted sockets inherit all of these.
void set_options(const Fd& socket, const Endpoint& endpoint, int send_buffer) {
  set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  if (send_buffer > 0) set_option(socket, SOL_SOCKET, SO_SNDBUF, send_buffer);
  if (endpoint.family() == AF_INET6) set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (endpoint.family() != AF_UNIX) set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

bool out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

BoundSocket bind_socket(const Endpoint& endpoint, int send_buffer) {
  Fd socket(::socket(endpoint.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) throw_errno(endpoint);
  set_options(socket, endpoint, send_buffer);
  const std::string path = endpoint.path();
  if (is_socket_file(path) && !somebody_listens(endpoint)) ::unlink(path.c_str());
  if (::bind(socket.get(), endpoint.get(), endpoint.size) != 0) throw_errno(endpoint);
  if (::listen(socket.get(), kBacklog) != 0) throw_errno(endpoint);
  Endpoint bound = endpoint;
  if (path.empty()) {
    bound.size = sizeof bound.address;
    ::getsockname(socket.get(), bound.get(), &bound.size);
  }
  return {std::move(socket), bound};
}

struct Listener::Watch {
  Watch(asio::io_context& loop, int descriptor) : readiness(loop, descriptor), rest(loop) {}
  ~Watch() { readiness.release(); }  // The socket closes its own descriptor.

  asio::posix::stream_descriptor readiness;
  asio::steady_timer rest;
};

Listener::Listener(asio::io_context& loop, BoundSocket bound, Counters& counters,
                   OnAccept on_accept)
    : bound_(std::move(bound)),
      counters_(counters),
      on_accept_(std::move(on_accept)),
      watch_(std::make_shared<Watch>(loop, bound_.socket.get())) {}

Listener::~Listener() {
  const std::string path = bound_.endpoint.path();
  if (!path.empty()) ::unlink(path.c_str());
}

void Listener::start() {
  await_connection();
}

void Listener::await_connection() {
  // A wait may be over, and not yet told, when the listener goes.
  watch_->readiness.async_wait(asio::posix::stream_descriptor::wait_read,
                               [this, alive = std::weak_ptr(watch_)](auto error) {
                                 if (!error && !alive.expired()) accept_batch();
                               });
}

void Listener::accept_batch() {
  for (int i = 0; i < kAcceptsATurn; ++i) {
    Fd socket(::accept4(bound_.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) {
      on_accept_(std::move(socket));
      continue;
    }
    if (out_of_resources(errno)) return rest(errno);
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    // Anything else is one peer's fault, who left while in the queue.
  }
  await_connection();
}

void Listener::rest(int error) {
  counters_.add(Counter::accept_failures);
  log(LogLevel::warning, "connections cannot be accepted: " +
                             std::generic_category().message(error) + "; trying again shortly");
  watch_->rest.expires_after(kRest);
  watch_->rest.async_wait([this, alive = std::weak_ptr(watch_)](auto ended) {
    if (!ended && !alive.expired()) await_connection();
  });
}

}  // namespace wscast::net
