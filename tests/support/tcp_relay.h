#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <thread>

#include "client/socket.h"
#include "client/url.h"

namespace wscast::test {

/// The way between a client and a server on loopback, which a test can cut, block, and lead
/// elsewhere. Has a thread of its own. Any thread.
class TcpRelay {
 public:
  explicit TcpRelay(client::Endpoint server);
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  std::uint16_t port() const { return port_; }

  /// New connections go to this server.
  void lead(client::Endpoint server);

  /// All connections are reset, without a word, before this returns.
  void cut();

  /// Connections stay open, but nothing passes once this returns; new ones are served.
  void block();

 private:
  struct Pair {
    client::Socket near;
    client::Socket far;
    bool blocked = false;
  };

  void run();
  bool obey();
  void accept();
  void wake();
  /// Sets the flag, and waits until the thread did it.
  void order(bool& flag);

  client::Socket listener_;
  client::Socket wake_;
  std::uint16_t port_ = 0;

  std::mutex mutex_;
  std::condition_variable obeyed_;
  client::Endpoint server_;
  bool cut_ = false;
  bool block_ = false;
  bool over_ = false;

  std::list<Pair> pairs_;  ///< On the thread.
  std::thread thread_;
};

}  // namespace wscast::test
