#include "bench/preflight.h"

#include <chrono>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "wscast/client.h"

#include "bench/bench_failure.h"
#include "refusal.h"
#include "server_url.h"

namespace wscast::program {
namespace {

using namespace std::chrono_literals;

constexpr int kEncryptionRequired = 4004;
constexpr auto kTime = 20s;  ///< Longer than a client's own limits.

/// Gets a result, once. Any thread.
class Outcome {
 public:
  void set(const ClientError& error) {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(done_, true)) promise_.set_value(error);
  }

  /// Throws BenchFailure when none comes.
  ClientError await(const std::string& what) {
    auto future = promise_.get_future();
    if (future.wait_for(kTime) == std::future_status::ready) return future.get();
    throw BenchFailure(kUnreachable, what + ": no reply");
  }

 private:
  std::mutex mutex_;
  bool done_ = false;
  std::promise<ClientError> promise_;
};

/// Another connect would fail as this one did.
ClientOptions options_of(const BenchArguments& arguments, Outcome& connected) {
  std::string token = arguments.token.empty() ? "bench" : arguments.token;
  return {.url = arguments.url,
          .token = [token] { return token; },
          .data = arguments.authenticate_data,
          .ca_file = arguments.ca_file,
          .verify = !arguments.insecure,
          .connect_timeout = 10s,
          .on_state =
              [&connected](const ClientStateChange& change) {
                if (change.state != ConnectionState::connecting) connected.set(change.error);
              }};
}

bool joins(LoadKind kind) {
  return kind == LoadKind::fanout || kind == LoadKind::redis;
}

void check_connected(const BenchArguments& arguments, const ClientError& error) {
  if (!error) return;
  if (is_refusal(error)) {
    throw BenchFailure(kRefused, "the server refuses this client: " + error.message);
  }
  const bool certificate = error.message.find("ertificate") != std::string::npos;
  throw BenchFailure(kUnreachable, without_query(arguments.url) + ": " + error.message +
                                       (certificate ? " (--insecure accepts any)" : ""));
}

}  // namespace

void check_server(const BenchPlan& plan) {
  const BenchArguments& arguments = plan.arguments;
  if (arguments.protocol != "wscast") return;
  Outcome connected;
  Outcome joined;
  Client client(options_of(arguments, connected));
  const ClientError error = connected.await(without_query(arguments.url));
  if (arguments.encrypted && error.close_code == kEncryptionRequired) return;
  check_connected(arguments, error);
  if (!joins(plan.kind)) return;
  if (client.join(arguments.room, [&joined](const ClientError& result) { joined.set(result); })) {
    throw BenchFailure(kUnusable, "--room: it cannot be the name of a room");
  }
  if (const auto refused = joined.await("room " + arguments.room)) {
    throw BenchFailure(kRefused,
                       "the server refuses room " + arguments.room + ": " + refused.message);
  }
}

}  // namespace wscast::program
