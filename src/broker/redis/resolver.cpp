#include "broker/redis/resolver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>
#include <mutex>
#include <netdb.h>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/thread.h"

namespace wscast::redis {
namespace {

template <class SockAddr>
Address make_address(const SockAddr& name) {
  Address address;
  std::memcpy(&address.storage, &name, sizeof name);
  address.size = sizeof name;
  return address;
}

std::optional<Address> unix_address(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof name.sun_path) return std::nullopt;
  std::memcpy(name.sun_path, path.data(), path.size());
  return make_address(name);
}

void set_port(Address& address, std::uint16_t port) {
  if (address.storage.ss_family == AF_INET) {
    reinterpret_cast<sockaddr_in&>(address.storage).sin_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port = htons(port);
  }
}

struct Answer {
  std::vector<Address> addresses;
  std::string fault;
};

/// With AI_NUMERICHOST in `flags` nobody is asked.
Answer look_up(const Host& host, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(host.name.c_str(), nullptr, &hints, &list);
  Answer answer;
  if (error != 0) {
    answer.fault = error == EAI_SYSTEM ? std::generic_category().message(errno)
                                       : std::string(::gai_strerror(error));
    return answer;
  }
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    Address& address = answer.addresses.emplace_back();
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    set_port(address, host.port);
  }
  ::freeaddrinfo(list);
  return answer;
}

}  // namespace

std::optional<Address> address_of(const Host& host) {
  if (host.port == 0) return unix_address(host.name);
  const Answer answer = look_up(host, AI_NUMERICHOST);
  if (answer.addresses.empty()) return std::nullopt;
  return answer.addresses.front();
}

/// Shared with the threads, which may come back when nobody is there any more.
struct Resolver::State : std::enable_shared_from_this<State> {
  void start(const Host& host);
  void tell(const Host& host, Answer answer);
  void take(const std::string& name, Answer& answer);

  std::mutex mutex;
  boost::asio::io_context* loop = nullptr;  ///< Null: nobody waits. Under the mutex.

  // Loop thread only. A name that is looked up already is not looked up again beside it: a mute
  // name server would gather threads.
  std::set<std::string> running;
  std::string wanted;
  Done done;
};

void Resolver::State::start(const Host& host) {
  try {
    start_thread("a thread that looks a name up", [host, state = shared_from_this()] {
      state->tell(host, look_up(host, 0));
    }).detach();
  } catch (const std::system_error& error) {
    tell(host, {.addresses = {}, .fault = error.what()});
  }
}

/// Any thread.
void Resolver::State::tell(const Host& host, Answer answer) {
  const std::lock_guard lock(mutex);
  if (loop == nullptr) return;
  boost::asio::post(*loop, [state = shared_from_this(), name = host.text(),
                            found = std::move(answer)]() mutable { state->take(name, found); });
}

void Resolver::State::take(const std::string& name, Answer& answer) {
  running.erase(name);
  if (name != wanted || !done) return;
  std::exchange(done, nullptr)(std::move(answer.addresses), answer.fault);
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
  if (state_->running.insert(state_->wanted).second) state_->start(host);
}

void Resolver::cancel() {
  state_->done = nullptr;
}

}  // namespace wscast::redis
