#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace wscast::program {

/// The arguments of `wscast bench`, as they were given. Empty or 0: what fits the mode.
struct BenchArguments {
  std::string mode;
  std::string url{};
  std::string protocol = "wscast";
  std::string token{};
  std::string token_file{};
  std::string authenticate_data{};
  std::string ca_file{};
  std::string redis{};
  std::string room = "bench";
  std::string publish_event = "publish";
  std::size_t clients = 0;
  std::size_t publishers = 10;
  std::size_t size = 64;
  std::size_t in_flight = 0;
  std::size_t rate = 0;  ///< 0: closed loop.
  std::size_t pid = 0;   ///< 0: none.
  std::chrono::milliseconds duration{5'000};
  std::chrono::milliseconds warm_up{1'000};
  bool insecure = false;
  bool encrypted = false;
  bool deflate = false;
  bool json = false;
  bool on_request = false;
};

/// What a load does.
enum class LoadKind : std::uint8_t { fanout, echo, connect, idle, redis };

/// What the arguments come to: everything decided.
struct BenchPlan {
  LoadKind kind = LoadKind::fanout;
  BenchArguments arguments;  ///< Nothing left out.
  std::optional<pid_t> server{};
};

/// Decides what was left open. Throws std::invalid_argument for arguments that do not fit each
/// other.
BenchPlan plan_bench(BenchArguments arguments);

}  // namespace wscast::program
