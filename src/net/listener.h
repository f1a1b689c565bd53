#pragma once

#include <functional>
#include <memory>

#include "base/counters.h"
#include "net/endpoint.h"
#include "net/fd.h"

namespace boost::asio {
class io_context;
}

namespace wscast::net {

/// A socket that waits for connections, and its file when it is a Unix socket.
struct BoundSocket {
  Fd socket;
  Endpoint endpoint;  ///< With the port that was really taken.
};

/// Opens a listening socket. `send_buffer`: SO_SNDBUF, which accepted sockets inherit. A Unix
/// socket's file is replaced when nobody listens on it any more. Throws std::system_error.
BoundSocket bind_socket(const Endpoint& endpoint, int send_buffer);

/// Accepts connections on one event loop and hands them on as raw sockets. When descriptors run
/// out it rests for a moment, so that what is open goes on undisturbed. Loop thread only.
class Listener {
 public:
  using OnAccept = std::function<void(Fd socket)>;

  Listener(boost::asio::io_context& loop, BoundSocket bound, Counters& counters,
           OnAccept on_accept);
  ~Listener();

  void start();

 private:
  struct Watch;

  void await_connection();
  void accept_batch();
  void rest(int error);

  BoundSocket bound_;
  Counters& counters_;
  OnAccept on_accept_;
  std::shared_ptr<Watch> watch_;  ///< Shared with nobody; what waits holds it weakly.
};

}  // namespace wscast::net
