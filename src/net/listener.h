#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "wscast/listen_options.h"

#include "base/clock.h"
#include "base/counters.h"
#include "net/endpoint.h"
#include "net/fd.h"

namespace boost::asio {
class io_context;
}

namespace wscast::net {

/// The file of a Unix socket, removed on destruction. Empty: none.
class SocketFile {
 public:
  SocketFile() = default;
  explicit SocketFile(std::string path) : path_(std::move(path)) {}
  SocketFile(SocketFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  SocketFile& operator=(SocketFile&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~SocketFile();

 private:
  std::string path_;
};

/// A listening socket, and its file when it is a Unix socket.
struct BoundSocket {
  Fd socket;
  Endpoint endpoint;  ///< With the port that was really bound.
  SocketFile file{};
};

/// Opens a listening socket. `send_buffer`: SO_SNDBUF, which accepted sockets inherit. A Unix
/// socket's file is replaced when no process listens on it any more. Throws std::system_error.
BoundSocket bind_socket(const Endpoint& endpoint, const ListenOptions& options, int send_buffer);

/// Accepts connections on one event loop and passes them on as raw sockets. When descriptors run
/// out it pauses for a moment, so that open connections are not disturbed; it logs when that
/// begins, at most once per minute, and when it ends. A connection that `on_accept` throws for is
/// closed and counted. Loop thread only.
class Listener {
 public:
  using OnAccept = std::function<void(Fd socket)>;

  Listener(boost::asio::io_context& loop, const Clock& clock, BoundSocket bound, Counters& counters,
           OnAccept on_accept);

  void start();

 private:
  struct Watch;

  void await_connection();
  void accept_batch();
  void pass_on(Fd socket) noexcept;
  void pause_accepting(int error);
  void note_failure(int error) noexcept;
  void note_success() noexcept;

  const Clock& clock_;
  BoundSocket bound_;
  Counters& counters_;
  OnAccept on_accept_;
  bool failure_logged_ = false;  ///< But not yet that it ended.
  std::optional<SteadyTime> last_logged_;
  std::shared_ptr<Watch> watch_;  ///< Sole owner; pending waits hold it weakly.
};

}  // namespace wscast::net
