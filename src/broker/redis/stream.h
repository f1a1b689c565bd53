#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "broker/redis/resolver.h"

namespace boost::asio {
class io_context;
}

namespace wscast::redis {

class Tls;

/// One connection's bytes: TCP, a Unix socket, or TLS over TCP. Loop thread only. It keeps itself
/// alive while the kernel works for it; after close() its owner hears nothing any more.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  /// Called from the loop, never inside a call to the stream.
  class Owner {
   public:
    virtual ~Owner() = default;

    virtual void on_connected() = 0;
    virtual void on_bytes(std::span<const char> bytes) = 0;  ///< One answer to read().
    virtual void on_written() = 0;                           ///< All that write() was given.

    /// It is of no use any more. `lasting`: another one would fare the same (a certificate).
    virtual void on_broken(const std::string& why, bool lasting) = 0;
  };

  virtual ~Stream() = default;

  /// Tries one address after the other.
  virtual void connect(std::vector<Address> addresses) = 0;

  /// Before on_connected(): the peer was reached, and is silent on TLS.
  virtual bool awaits_tls() const = 0;

  virtual void read() = 0;

  /// Takes `bytes` over and gives a spent buffer in its place. Not while writing().
  virtual void write(std::string& bytes) = 0;
  virtual bool writing() const = 0;

  /// Bytes that the kernel has not taken yet.
  virtual std::size_t unsent() const = 0;

  /// Also for copies of the descriptor that a forked child has: the peer sees the end at once, and
  /// the loop waits for nothing of it any more.
  virtual void close() = 0;
};

/// `tls`, used while there is an owner, is null for plain bytes; `host` is whom the certificate
/// must be for.
std::shared_ptr<Stream> make_stream(boost::asio::io_context& loop,
                                    std::weak_ptr<Stream::Owner> owner, Tls* tls, std::string host);

}  // namespace wscast::redis
