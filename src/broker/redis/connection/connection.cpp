#include "broker/redis/connection/connection.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/given_up.h"
#include "broker/redis/connection/byte_stream.h"
#include "broker/redis/connection/connection_fsm.h"
#include "broker/redis/connection/resolver.h"
#include "broker/redis/connection/timer.h"
#include "broker/redis/connection/tls.h"
#include "broker/redis/resp/resp_reader.h"

namespace wscast::redis {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kSlice = milliseconds(2);
constexpr std::size_t kRepliesPerClockRead = 16;

/// The largest value is a message; a channel's name, and a small limit, need room beside it.
constexpr std::size_t kSlackBytes = 64 * 1024;

}  // namespace

class Connection::Impl : public ByteStream::Handler, public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& loop, const RedisOptions& options, const RedisUrl& url,
       const std::string& role, Random& random, Connection::Handler& handler)
      : loop_(loop),
        max_bulk_bytes_(options.max_receive_bytes + kSlackBytes),
        handler_(handler),
        fsm_(options, url, options.client_name + "-" + role, random),
        resolver_(loop),
        tls_(options),
        timer_(loop, [this] { on_timer(); }) {}

  const ConnectionFsm& fsm() const { return fsm_; }

  void start() { perform(fsm_.start()); }

  void send(std::string_view commands) {
    if (!fsm_.ready()) return;
    const std::size_t before = queued_.size();
    queued_ += commands;
    if (flush_scheduled_) return;
    try {
      asio::post(loop_, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->guarded([&] { self->flush_scheduled(); });
      });
    } catch (...) {
      queued_.resize(before);
      throw;
    }
    flush_scheduled_ = true;
  }

  void reconnect(const std::string& why) {
    guarded([&] { perform(fsm_.reconnect(why)); });
  }

  void give_up(const std::exception& error) noexcept { on_exception(error); }

  void stop() noexcept {
    fsm_.stop();
    drop_stream();
    timer_.cancel();
  }

  std::size_t unsent() const { return queued_.size() + (stream_ ? stream_->unsent() : 0); }

  void set_nodes(const std::vector<Host>& nodes) { fsm_.set_nodes(nodes); }

  // ByteStream::Handler

  void on_securing() override { fsm_.on_securing(); }

  void on_connected() override {
    reader_.emplace(RespReader::Limits{.max_bulk_bytes = max_bulk_bytes_});
    perform(fsm_.on_connected());
    stream_->read();
  }

  void on_bytes(std::span<const char> bytes) override {
    reader_->feed(bytes);
    handle_replies();
  }

  void on_written() override { flush(); }

  void on_error(const std::string& why, bool lasting) override {
    perform(fsm_.on_error(why, lasting));
  }

  /// Nobody knows what was done: the connection is begun anew.
  void on_exception(const std::exception& error) noexcept override {
    log_given_up("a connection to Redis", error);
    try {
      drop_stream();
      perform(fsm_.abort());
      aborting_ = false;
    } catch (const std::exception&) {
      aborting_ = true;
      retry_later();
    }
  }

 private:
  void perform(const ConnectionFsm::Actions& actions) {
    for (const auto& action : actions) {
      std::visit([this](const auto& what) { perform(what); }, action);
    }
  }

  void perform(const ConnectionFsm::Resolve& /*action*/) {
    const Host& peer = fsm_.peer();
    if (const auto address = address_of(peer)) return resolved({*address});
    if (peer.port == 0) return on_error("is too long for the path of a Unix socket", true);
    resolver_.resolve(peer, [weak = weak_from_this()](std::vector<SocketAddress> addresses,
                                                      const std::string& fault) {
      const auto self = weak.lock();
      if (!self) return;
      self->guarded([&] {
        if (addresses.empty()) return self->on_error(fault, false);
        self->resolved(std::move(addresses));
      });
    });
  }

  void resolved(std::vector<SocketAddress> addresses) {
    addresses_ = std::move(addresses);
    perform(fsm_.on_resolved(addresses_.size()));
  }

  void perform(const ConnectionFsm::Connect& action) {
    const auto first = static_cast<std::ptrdiff_t>(action.first);
    std::rotate(addresses_.begin(), addresses_.begin() + first, addresses_.end());
    stream_ =
        make_byte_stream(loop_, weak_from_this(), action.tls ? &tls_ : nullptr, fsm_.peer().name);
    stream_->connect(std::move(addresses_));
  }

  void perform(const ConnectionFsm::Write& action) {
    queued_ += action.commands;
    flush();
  }

  void perform(const ConnectionFsm::Close& /*action*/) { drop_stream(); }

  void drop_stream() {
    resolver_.cancel();
    if (stream_) stream_->close();
    stream_.reset();
    queued_.clear();
  }

  void retry_later() noexcept {
    try {
      timer_.cancel();
      timer_.fire_by(steady_clock::now() + Timer::kRetryPause);
    } catch (const std::exception& error) {
      log_given_up("the timer of a connection to Redis", error);
    }
  }

  void on_timer() {
    guarded([this] {
      if (aborting_) {
        perform(fsm_.abort());
        aborting_ = false;
      } else {
        perform(fsm_.on_timer());
      }
    });
  }

  template <class Act>
  void guarded(Act act) noexcept {
    try {
      act();
    } catch (const std::exception& error) {
      on_exception(error);
    }
  }

  void perform(const ConnectionFsm::StartTimer& action) {
    timer_.cancel();
    timer_.fire_by(steady_clock::now() + action.delay);
  }

  void perform(const ConnectionFsm::StopTimer& /*action*/) { timer_.cancel(); }

  void perform(const ConnectionFsm::Defer& /*action*/) {
    asio::post(loop_, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self) self->guarded([&] { self->perform(self->fsm_.on_deferred()); });
    });
  }

  void perform(const ConnectionFsm::ReportReady& /*action*/) { handler_.on_ready(); }

  void perform(const ConnectionFsm::ReportLost& action) {
    handler_.on_lost(action.was_ready, action.why);
  }

  // Bytes

  void flush_scheduled() {
    flush_scheduled_ = false;
    flush();
  }

  void flush() {
    if (stream_ && !queued_.empty() && !stream_->writing()) stream_->write(queued_);
  }

  /// Reading goes on when all that came was handled, at most a slice of it in one go.
  void handle_replies() {
    const std::shared_ptr<ByteStream> stream = stream_;  // Alive, so that no other has its address.
    const bool all = handle_slice(stream);
    handler_.on_read_end();
    if (stream_ != stream) return;
    if (!all) return handle_more_soon();
    if (reader_->failed()) return on_error("does not speak Redis' protocol", true);
    stream_->read();
  }

  /// Returns whether that was all.
  bool handle_slice(const std::shared_ptr<ByteStream>& stream) {
    const auto begin = steady_clock::now();
    RespValue reply;
    for (std::size_t handled = 1; reader_->next(reply); ++handled) {
      handle(reply);
      if (stream_ != stream) return true;
      const bool look = handled % kRepliesPerClockRead == 0;
      if (look && steady_clock::now() - begin > kSlice) return false;
    }
    return true;
  }

  void handle_more_soon() {
    asio::post(loop_, [weak = weak_from_this(), stream = std::weak_ptr(stream_)] {
      const auto self = weak.lock();
      if (!self || !self->stream_ || self->stream_ != stream.lock()) return;
      self->guarded([&] { self->handle_replies(); });
    });
  }

  void handle(const RespValue& reply) {
    if (fsm_.ready()) return handler_.on_reply(reply);
    perform(fsm_.on_reply(reply));
  }

  asio::io_context& loop_;
  const std::size_t max_bulk_bytes_;
  Connection::Handler& handler_;

  ConnectionFsm fsm_;
  Resolver resolver_;
  Tls tls_;
  Timer timer_;

  std::vector<SocketAddress> addresses_;
  std::shared_ptr<ByteStream> stream_;
  std::optional<RespReader> reader_;
  std::string queued_;
  bool flush_scheduled_ = false;
  bool aborting_ = false;  ///< When the timer fires.
};

Connection::Connection(asio::io_context& loop, const RedisOptions& options, const RedisUrl& url,
                       const std::string& role, Random& random, Handler& handler)
    : impl_(std::make_shared<Impl>(loop, options, url, role, random, handler)) {}

Connection::~Connection() {
  impl_->stop();
}

void Connection::start() {
  impl_->start();
}

void Connection::send(std::string_view commands) {
  impl_->send(commands);
}

void Connection::reconnect(const std::string& why) {
  impl_->reconnect(why);
}

void Connection::give_up(const std::exception& error) noexcept {
  impl_->give_up(error);
}

void Connection::stop() {
  impl_->stop();
}

bool Connection::ready() const {
  return impl_->fsm().ready();
}

std::size_t Connection::unsent() const {
  return impl_->unsent();
}

std::string_view Connection::status() const {
  return impl_->fsm().status();
}

bool Connection::unresponsive() const {
  return impl_->fsm().unresponsive();
}

bool Connection::may_succeed_later() const {
  return impl_->fsm().may_succeed_later();
}

void Connection::set_nodes(const std::vector<Host>& nodes) {
  impl_->set_nodes(nodes);
}

const Host& Connection::host() const {
  return impl_->fsm().peer();
}

std::string Connection::peer() const {
  return impl_->fsm().peer().text();
}

}  // namespace wscast::redis
