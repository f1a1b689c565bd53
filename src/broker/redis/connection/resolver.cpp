#include "broker/redis/connection/resolver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/given_up.h"
#include "base/thread.h"

namespace wscast::redis {
namespace {

template <class SockAddr>
SocketAddress make_address(const SockAddr& name) {
  SocketAddress address;
  std::memcpy(&address.storage, &name, sizeof name);
  address.size = sizeof name;
  return address;
}

std::optional<SocketAddress> unix_address(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof name.sun_path) return std::nullopt;
  std::memcpy(name.sun_path, path.data(), path.size());
  return make_address(name);
}

void set_port(SocketAddress& address, std::uint16_t port) {
  if (address.storage.ss_family == AF_INET) {
    reinterpret_cast<sockaddr_in&>(address.storage).sin_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port = htons(port);
  }
}

struct Resolution {
  std::vector<SocketAddress> addresses;
  std::string fault;
};

/// Asks no name server with AI_NUMERICHOST in `flags`.
Resolution look_up(const Host& host, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(host.name.c_str(), nullptr, &hints, &list);
  Resolution result;
  if (error != 0) {
    result.fault = error == EAI_SYSTEM ? std::generic_category().message(errno)
                                       : std::string(::gai_strerror(error));
    return result;
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, &::freeaddrinfo);
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    SocketAddress& address = result.addresses.emplace_back();
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    set_port(address, host.port);
  }
  return result;
}

}  // namespace

std::optional<SocketAddress> address_of(const Host& host) {
  if (host.port == 0) return unix_address(host.name);
  const Resolution result = look_up(host, AI_NUMERICHOST);
  if (result.addresses.empty()) return std::nullopt;
  return result.addresses.front();
}

/// Shared with the threads, which may outlive the Resolver.
struct Resolver::State : std::enable_shared_from_this<State> {
  void start(const Host& host);
  void run(const Host& host) noexcept;
  void finish(const Host& host, Resolution result);
  void on_finished(const std::string& name, Resolution& result);

  std::mutex mutex;
  boost::asio::io_context* loop = nullptr;  ///< Null: the Resolver is gone. Under the mutex.

  // Loop thread only. At most one thread per name: an unresponsive name server would gather them.
  std::set<std::string> running;
  std::atomic<bool> lost = false;  ///< A thread had no memory for its result. Any thread.
  std::string wanted;
  Done done;
};

void Resolver::State::start(const Host& host) {
  try {
    start_thread("a thread that looks a name up", [host, state = shared_from_this()] {
      state->run(host);
    }).detach();
  } catch (const std::system_error& error) {
    finish(host, {.addresses = {}, .fault = error.what()});
  } catch (...) {
    running.erase(wanted);
    throw;
  }
}

/// On a thread of its own, which nothing may leave: whoever waits for it has a time limit.
void Resolver::State::run(const Host& host) noexcept try {
  finish(host, look_up(host, 0));
} catch (const std::exception& error) {
  log_given_up("the look-up of a name", error);
  lost = true;
}

/// Any thread.
void Resolver::State::finish(const Host& host, Resolution result) {
  const std::lock_guard lock(mutex);
  if (loop == nullptr) return;
  boost::asio::post(
      *loop, [state = shared_from_this(), name = host.text(), found = std::move(result)]() mutable {
        state->on_finished(name, found);
      });
}

void Resolver::State::on_finished(const std::string& name, Resolution& result) {
  running.erase(name);
  if (name != wanted || !done) return;
  std::exchange(done, nullptr)(std::move(result.addresses), result.fault);
}

Resolver::Resolver(boost::asio::io_context& loop) : state_(std::make_shared<State>()) {
  state_->loop = &loop;
}

Resolver::~Resolver() {
  cancel();
  const std::lock_guard lock(state_->mutex);
  state_->loop = nullptr;
}

void Resolver::resolve(const Host& host, Done done) {
  state_->wanted = host.text();
  state_->done = std::move(done);
  if (state_->lost.exchange(false)) state_->running.clear();  // It is one of them.
  if (state_->running.insert(state_->wanted).second) state_->start(host);
}

void Resolver::cancel() {
  state_->done = nullptr;
}

}  // namespace wscast::redis
