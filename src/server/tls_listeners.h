#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "wscast/log.h"
#include "wscast/stats.h"
#include "wscast/tls_options.h"

#include "base/clock.h"
#include "base/named_log.h"
#include "base/random.h"
#include "base/thread.h"
#include "net/tls/tls_layer.h"
#include "server/file_stamps.h"

namespace wscast::server {

/// The TLS listeners of a server. Reloads their certificates when it is told to, and, on a thread
/// of its own, when their files have changed. Any thread.
class TlsListeners {
 public:
  /// What listens, or is about to.
  struct Listener {
    std::shared_ptr<net::TlsLayer> layer;
    FileStamps stamps{};  ///< Of the files that were read last, whether they could be used or not.
    std::string address{};
  };

  /// `log` must outlive it.
  TlsListeners(const Clock& clock, Random& random, const NamedLog& log, StartThread start_thread)
      : log_(log),
        start_thread_(std::move(start_thread)),
        shared_(std::make_shared<net::TlsShared>(clock, random)) {}

  /// Calls stop().
  ~TlsListeners();

  /// Loads the certificates for a listener. Throws std::invalid_argument that names everything
  /// wrong with `options` and their files, and std::system_error without a thread to watch them.
  Listener make(const TlsOptions& options);

  /// From now on `listener` takes part in reloading. Logs what it presents.
  void add(Listener listener, std::string address);

  CertificateReload reload();

  /// Waits for the thread; afterwards there are no listeners.
  void stop();

  void add_to(Stats& stats) const;

 private:
  struct Line {
    LogLevel level;
    std::string_view event;
    std::string text;
  };
  using Lines = std::vector<Line>;

  CertificateReload reload_if(const std::function<bool(const Listener&)>& chosen);
  void reload(Listener& listener, CertificateReload& result, Lines& lines);
  void log(const Lines& lines) const;
  void watch(std::chrono::milliseconds interval);
  void run();

  const NamedLog& log_;
  const StartThread start_thread_;
  const std::shared_ptr<net::TlsShared> shared_;
  std::mutex mutex_;  ///< Never held while a line is logged: the sink may call the server.
  std::condition_variable changed_;
  std::vector<Listener> listeners_;
  std::chrono::milliseconds interval_{0};  ///< The shortest of all; 0: nothing is watched.
  bool stopping_ = false;
  std::thread watcher_;
  std::atomic<std::uint64_t> reloads_{0};
  std::atomic<std::uint64_t> failures_{0};
};

}  // namespace wscast::server
