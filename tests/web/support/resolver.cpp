// Loaded before a program by LD_PRELOAD: host names that a test cannot get from a real resolver.
//   slow.test           is looked up for ever
//   mute-first.test     is 127.0.0.2, where connecting never ends, then 127.0.0.1
//   refused-first.test  is ::1, then 127.0.0.1, whether this machine has IPv6 or not
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <netdb.h>
#include <string_view>
#include <unistd.h>

namespace {

using GetAddrInfo = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

GetAddrInfo real() {
  static const auto function = reinterpret_cast<GetAddrInfo>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return function;
}

/// Listens at `address` with a full queue: the kernel then ignores who connects.
void make_mute(const addrinfo& address) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, address.ai_addr, address.ai_addrlen) != 0 || listen(listener, 0) != 0) abort();
  const int only_one = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(only_one, address.ai_addr, address.ai_addrlen) != 0) abort();
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  const std::string_view name = node == nullptr ? "" : node;
  while (name == "slow.test") pause();
  const bool mute_first = name == "mute-first.test";
  if (!mute_first && name != "refused-first.test") return real()(node, service, hints, result);
  addrinfo any{};
  any.ai_socktype = SOCK_STREAM;
  any.ai_flags = AI_NUMERICHOST;
  const char* const first = mute_first ? "127.0.0.2" : "::1";
  if (real()(first, service, &any, result) != 0) abort();
  if (real()("127.0.0.1", service, &any, &(*result)->ai_next) != 0) abort();
  if (mute_first) make_mute(**result);
  return 0;
}
