#include "broker/redis/connection/byte_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <fcntl.h>
#include <optional>
#include <unistd.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "broker/redis/connection/tls.h"

namespace wscast::redis {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kMaxKeptBytes = 1024 * 1024;  // A buffer that grew beyond is given back.

void set_option(int socket, int level, int name) {
  const int yes = 1;
  ::setsockopt(socket, level, name, &yes, sizeof yes);
}

bool has_ended(const error_code& error) {
  return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

std::string describe(const error_code& error) {
  return has_ended(error) ? "closed the connection" : error.message();
}

class AsioByteStream : public ByteStream {
 public:
  AsioByteStream(asio::io_context& loop, std::weak_ptr<Handler> handler, Tls* tls, std::string host)
      : handler_(std::move(handler)), tls_(tls), host_(std::move(host)), socket_(loop) {}

  void connect(std::vector<SocketAddress> addresses) override {
    addresses_ = std::move(addresses);
    connect_next(0);
  }

  void read() override {
    const auto done = [self = self()](const error_code& error, std::size_t size) {
      self->guarded([&] { self->on_read_done(error, size); });
    };
    if (secure_) return secure_->async_read_some(asio::buffer(input_), done);
    socket_.async_read_some(asio::buffer(input_), done);
  }

  void write(std::string& bytes) override {
    std::swap(output_, bytes);
    written_ = 0;
    write_rest();
  }

  bool writing() const override { return written_ < output_.size(); }

  std::size_t unsent() const override { return output_.size() - written_; }

  ~AsioByteStream() override { drop_socket(); }

  void close() override {
    handler_.reset();
    drop_socket();
  }

 private:
  /// Everything that comes from the loop goes through here.
  template <class Act>
  void guarded(Act act) noexcept {
    try {
      act();
    } catch (const std::exception& error) {
      if (const auto handler = handler_.lock()) handler->on_exception(error);
    }
  }

  std::shared_ptr<AsioByteStream> self() {
    return std::static_pointer_cast<AsioByteStream>(shared_from_this());
  }

  /// Asio's close() leaves it to the kernel to take the descriptor out of the epoll set, which it
  /// does not do while a forked child holds a copy.
  void drop_socket() {
    if (!socket_.is_open()) return;
    error_code ignored;
    const int descriptor = socket_.release(ignored);
    ::shutdown(descriptor, SHUT_RDWR);
    ::close(descriptor);
  }

  void connect_next(std::size_t index) {
    const SocketAddress& address = addresses_[index];
    const asio::generic::stream_protocol::endpoint endpoint(&address.storage, address.size);
    error_code error;
    drop_socket();
    socket_.open(endpoint.protocol(), error);
    // Without a socket (no descriptor is free) async_connect tries to open one, and reports the
    // error.
    if (!error) ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
    socket_.async_connect(endpoint, [self = self(), index](const error_code& failed) {
      self->guarded([&] { self->on_connect_done(failed, index); });
    });
  }

  void on_connect_done(const error_code& error, std::size_t index) {
    if (handler_.expired()) return;
    if (error && index + 1 < addresses_.size()) return connect_next(index + 1);
    if (error) return fail(describe(error));
    if (addresses_[index].storage.ss_family != AF_UNIX) {
      set_option(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY);
      set_option(socket_.native_handle(), SOL_SOCKET, SO_KEEPALIVE);
    }
    if (tls_ != nullptr) return start_tls();
    connected();
  }

  void start_tls() {
    std::string fault;
    ssl_st* const connection = tls_->make(host_, fault);
    if (connection == nullptr) return fail(fault, true);
    secure_.emplace(socket_, connection);
    if (const auto handler = handler_.lock()) handler->on_securing();
    secure_->async_handshake(asio::ssl::stream_base::client,
                             [self = self()](const error_code& error) {
                               self->guarded([&] { self->on_tls_done(error); });
                             });
  }

  void on_tls_done(const error_code& error) {
    if (!error) return connected();
    if (handler_.expired()) return;
    tls_->reload();
    const std::string fault = certificate_fault(secure_->native_handle());
    const bool lasting = error.category() == asio::error::get_ssl_category();
    fail("TLS: " + describe(error) + (fault.empty() ? "" : " (" + fault + ")"), lasting);
  }

  void connected() {
    if (const auto handler = handler_.lock()) handler->on_connected();
  }

  void fail(const std::string& why, bool lasting = false) {
    if (const auto handler = handler_.lock()) handler->on_error(why, lasting);
  }

  void on_read_done(const error_code& error, std::size_t size) {
    if (error) return fail(describe(has_ended(error) && write_error_ ? write_error_ : error));
    if (const auto handler = handler_.lock()) handler->on_bytes(std::span(input_).first(size));
  }

  void write_rest() {
    const auto rest = asio::buffer(output_) + written_;
    const auto done = [self = self()](const error_code& error, std::size_t size) {
      self->guarded([&] { self->on_write_done(error, size); });
    };
    if (secure_) return secure_->async_write_some(rest, done);
    socket_.async_write_some(rest, done);
  }

  void on_write_done(const error_code& error, std::size_t size) {
    if (error) return stop_writing(error);
    const auto handler = handler_.lock();
    if (!handler) return;
    written_ += size;
    if (writing()) return write_rest();
    output_.clear();
    if (output_.capacity() > kMaxKeptBytes) output_.shrink_to_fit();
    written_ = 0;
    handler->on_written();
  }

  /// What Redis sent before it closed may wait to be read: reading to its end reports the error.
  void stop_writing(const error_code& error) {
    if (handler_.expired()) return;
    write_error_ = error;
    ::shutdown(socket_.native_handle(), SHUT_RDWR);
  }

  std::weak_ptr<Handler> handler_;
  Tls* tls_;
  std::string host_;
  std::vector<SocketAddress> addresses_;
  Socket socket_;
  std::optional<asio::ssl::stream<Socket&>> secure_;  ///< With `tls_`, when connected.
  std::array<char, kReadBytes> input_;
  std::string output_;
  std::size_t written_ = 0;  ///< Bytes of `output_`.
  error_code write_error_;
};

}  // namespace

std::shared_ptr<ByteStream> make_byte_stream(asio::io_context& loop,
                                             std::weak_ptr<ByteStream::Handler> handler, Tls* tls,
                                             std::string host) {
  return std::make_shared<AsioByteStream>(loop, std::move(handler), tls, std::move(host));
}

}  // namespace wscast::redis
