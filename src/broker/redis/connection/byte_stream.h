#pragma once

#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "broker/redis/connection/resolver.h"

namespace boost::asio {
class io_context;
}

namespace wscast::redis {

class Tls;

/// The byte stream of one connection: TCP, a Unix socket, or TLS over TCP. Keeps itself alive while
/// an operation is under way. Loop thread only.
class ByteStream : public std::enable_shared_from_this<ByteStream> {
 public:
  /// Called from the loop, never inside a call to the stream.
  class Handler {
   public:
    virtual ~Handler() = default;

    virtual void on_securing() = 0;  ///< Connected; the TLS handshake begins.
    virtual void on_connected() = 0;
    virtual void on_bytes(std::span<const char> bytes) = 0;  ///< Once per read().
    virtual void on_written() = 0;                           ///< All that write() was given.

    /// It is unusable. `lasting`: another one would fail the same way (a certificate).
    virtual void on_error(const std::string& why, bool lasting) = 0;

    /// One of these calls, or the stream itself, threw: what it was to do is undone. The stream is
    /// to be closed.
    virtual void on_exception(const std::exception& error) noexcept = 0;
  };

  virtual ~ByteStream() = default;

  /// Tries one address after the other.
  virtual void connect(std::vector<SocketAddress> addresses) = 0;

  virtual void read() = 0;

  /// Swaps `bytes` for an empty buffer and writes them. Not while writing().
  virtual void write(std::string& bytes) = 0;
  virtual bool writing() const = 0;

  /// Bytes that the kernel has not taken yet.
  virtual std::size_t unsent() const = 0;

  /// Closes; no callback comes any more. The peer sees the end at once, and the loop has nothing of
  /// it, even when a forked child has a copy of the descriptor.
  virtual void close() = 0;
};

/// `tls` must live as long as `handler`, and is null for plain bytes. The peer's certificate must
/// be for `host`.
std::shared_ptr<ByteStream> make_byte_stream(boost::asio::io_context& loop,
                                             std::weak_ptr<ByteStream::Handler> handler, Tls* tls,
                                             std::string host);

}  // namespace wscast::redis
