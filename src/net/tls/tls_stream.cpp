#include "net/tls/tls_stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <openssl/err.h>

#include "base/log.h"
#include "net/send_batch.h"

namespace wscast::net {
namespace {

constexpr std::size_t kRecordBytes = std::size_t{16} * 1024;  // The most plaintext of a record.
constexpr std::size_t kMinFragment = 512;                     // OpenSSL accepts no less.
constexpr std::size_t kRecordRoom = std::size_t{17} * 1024;   // With what TLS adds.
constexpr std::size_t kRecordOverhead = 256;         // The most that OpenSSL adds to a record.
constexpr std::size_t kMaxUnsent = 2 * kRecordRoom;  // A record, and alerts and KeyUpdates.
constexpr int kMaxReadsWithoutData = 16;

/// Returns up to `most` bytes of the pieces as one: the first piece's own memory, or a copy that
/// the thread's next call replaces.
std::span<const std::uint8_t> gathered(std::span<const iovec> pieces, std::size_t most) {
  const auto bytes = [](const iovec& piece) {
    return std::span(static_cast<const std::uint8_t*>(piece.iov_base), piece.iov_len);
  };
  if (pieces.size() == 1 || pieces[0].iov_len >= most) {
    return bytes(pieces[0]).first(std::min(most, pieces[0].iov_len));
  }
  thread_local std::array<std::uint8_t, kRecordBytes> copy;
  std::size_t size = 0;
  for (const iovec& piece : pieces) {
    const std::size_t part = std::min(piece.iov_len, most - size);
    std::memcpy(copy.data() + size, piece.iov_base, part);
    size += part;
  }
  return std::span(copy).first(size);
}

}  // namespace

TlsStream::TlsStream(Stream& below, std::shared_ptr<const TlsLayer> layer, Counters& counters)
    : below_(below), counters_(counters), handshake_(std::make_unique<Handshake>()) {
  handshake_->layer = std::move(layer);
}

TlsStream::~TlsStream() {
  if (handshake_ == nullptr) return;
  if (over_ != IoStatus::error) {
    on_handshake_failure(Counter::tls_handshake_failures, "the peer left");
  }
  end_handshake();
}

std::optional<std::chrono::milliseconds> TlsStream::establish_timeout() const {
  if (handshake_ == nullptr) return std::nullopt;
  return handshake_->layer->options().handshake_timeout;
}

void TlsStream::on_establish_timeout() {
  on_handshake_failure(Counter::tls_handshake_timeouts, "it took too long");
}

/// At the first byte: connections that send nothing cost no handshake's memory and no place.
bool TlsStream::begin() {
  const TlsLayer& layer = *handshake_->layer;
  if (!layer.shared().handshakes.begin(layer.options().max_handshakes)) {
    on_handshake_failure(Counter::tls_handshakes_refused, "too many are under way");
    return false;
  }
  handshake_->certificates = layer.certificates();
  handshake_->context = {handshake_->certificates.get(), &layer.shared().tickets};
  ERR_clear_error();
  ssl_.reset(SSL_new(handshake_->certificates->first()));
  BIO* bio = ssl_ == nullptr ? nullptr : OpensslBio<TlsStream>::make(*this);
  if (bio == nullptr) {
    ssl_.reset();
    fail(take_openssl_error());
    return false;
  }
  SSL_set_bio(ssl_.get(), bio, bio);
  attach(ssl_.get(), &handshake_->context);
  SSL_set_accept_state(ssl_.get());
  return true;
}

void TlsStream::end_handshake() {
  if (ssl_ != nullptr) attach(ssl_.get(), nullptr);
  if (handshake_->certificates != nullptr) handshake_->layer->shared().handshakes.end();
  handshake_.reset();
}

void TlsStream::note_established() {
  counters_.add(Counter::tls_handshakes);
  if (SSL_session_reused(ssl_.get()) == 1) counters_.add(Counter::tls_resumptions);
  end_handshake();
}

IoResult TlsStream::read(std::span<std::uint8_t> into) {
  std::size_t got = 0;
  for (int i = 0; i < kMaxReadsWithoutData && over_ == IoStatus::ok; ++i) {
    const bool was_established = established();
    if (const IoStatus status = fetch(into); status != IoStatus::ok) return {status};
    if (ssl_ == nullptr && !begin()) break;
    over_ = decrypt(into, got);
    if (got > 0) return {IoStatus::ok, got, over_ != IoStatus::ok};
    if (wants_write() || established() != was_established) return {IoStatus::would_block};
  }
  return {over_ == IoStatus::ok ? IoStatus::would_block : over_};
}

/// Makes input_ ciphertext, or leaves it empty when the handshake needs none to go on.
IoStatus TlsStream::fetch(std::span<std::uint8_t> into) {
  input_ = {};
  if (held_ != nullptr) {
    input_ = *held_;
    return IoStatus::ok;
  }
  if (wants_write()) return IoStatus::ok;
  if (into.size() < kMinRead) return IoStatus::error;
  const IoResult result = below_.read(into.subspan(kRecordRoom));
  if (result.status == IoStatus::ok) input_ = into.subspan(kRecordRoom, result.bytes);
  return result.status;
}

/// Decrypts all of input_ into the front of `into`. Returns `ok` if there may be more to come.
IoStatus TlsStream::decrypt(std::span<std::uint8_t> into, std::size_t& got) {
  const auto held = std::exchange(held_, nullptr);  // What input_ may refer to.
  IoStatus status = IoStatus::ok;
  do {
    std::size_t size = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), into.data() + got, into.size() - got, &size);
    if (result != 1) status = on_ssl_status(SSL_get_error(ssl_.get(), result));
    got += size;
    if (handshake_ != nullptr && SSL_is_init_finished(ssl_.get()) == 1) note_established();
    if (result != 1) break;
  } while (!input_.empty() || SSL_pending(ssl_.get()) > 0);
  if (wants_write() && !input_.empty()) {
    held_ = std::make_unique<std::vector<std::uint8_t>>(input_.begin(), input_.end());
  }
  input_ = {};
  return status;
}

/// Returns `ok` if the connection goes on.
IoStatus TlsStream::on_ssl_status(int status) {
  if (handshake_ != nullptr) handshake_->wants_write = status == SSL_ERROR_WANT_WRITE;
  if (status == SSL_ERROR_WANT_READ || status == SSL_ERROR_WANT_WRITE) return IoStatus::ok;
  if (status == SSL_ERROR_ZERO_RETURN) return IoStatus::end;
  fail(status == SSL_ERROR_SYSCALL ? "the connection is broken" : take_openssl_error());
  return IoStatus::error;
}

IoResult TlsStream::write(std::span<const iovec> pieces) {
  if (ssl_ == nullptr || over_ == IoStatus::error) return {IoStatus::error};
  if (const IoStatus status = send_unsent(); status != IoStatus::ok) return {status};
  if (pending_ > 0) return {IoStatus::ok, std::exchange(pending_, 0)};
  const auto bytes = gathered(pieces, kRecordBytes);
  const std::size_t encrypted = encrypt(bytes);
  if (encrypted == 0) return {IoStatus::error};
  if (unsent_ == nullptr) return {IoStatus::ok, encrypted};
  pending_ = static_cast<std::uint32_t>(encrypted);
  return {IoStatus::would_block};
}

/// Makes a record. Returns how many of the bytes are in it; 0: the connection is broken.
std::size_t TlsStream::encrypt(std::span<const std::uint8_t> bytes) {
  // OpenSSL has a buffer only while it writes, of this size: one for 16 KiB is slow to get. What is
  // set first lowers the second, which cuts records, and does not raise it again.
  if (const auto fragment = std::max(bytes.size(), kMinFragment); fragment != fragment_) {
    SSL_set_max_send_fragment(ssl_.get(), fragment);
    SSL_set_split_send_fragment(ssl_.get(), fragment);
    fragment_ = static_cast<std::uint16_t>(fragment);
  }
  std::size_t written = 0;
  if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) != 1) {
    fail(take_openssl_error());
    return 0;
  }
  return written;
}

EncodedBytes TlsStream::encode(std::span<const std::uint8_t> bytes, SendBatch& batch) {
  if (over_ == IoStatus::error || unsent_ != nullptr || bytes.size() > kRecordBytes) return {};
  const auto memory = batch.take_scratch(bytes.size() + kRecordOverhead);
  if (memory.empty()) return {};
  capture_ = memory;
  const std::size_t encrypted = encrypt(bytes);
  const std::size_t left = std::exchange(capture_, {}).size();
  if (encrypted == 0) return {};
  return {.wire = memory.first(memory.size() - left), .bytes = encrypted};
}

/// What was not sent waits, as in send().
IoResult TlsStream::note_sent(const EncodedBytes& encoded, const IoResult& sent) noexcept try {
  if (sent.status == IoStatus::error) {
    fail("the connection is broken");
    return sent;
  }
  if (sent.bytes == encoded.wire.size()) return {IoStatus::ok, encoded.bytes};
  const auto rest = encoded.wire.subspan(sent.bytes);
  unsent_ = std::make_unique<std::vector<std::uint8_t>>(rest.begin(), rest.end());
  pending_ = static_cast<std::uint32_t>(encoded.bytes);
  return {sent.bytes == 0 ? sent.status : IoStatus::would_block};
} catch (const std::exception&) {
  over_ = IoStatus::error;
  return {IoStatus::error};
}

BioSent TlsStream::send_record(std::span<const char> bytes) noexcept {
  const IoResult result = send({const_cast<char*>(bytes.data()), bytes.size()});
  if (result.status == IoStatus::ok) return {static_cast<int>(result.bytes)};
  return {.later = result.status == IoStatus::would_block};
}

/// For OpenSSL, which no exception may pass through. Behind the handshake all is taken: OpenSSL
/// handles no KeyUpdate, and then nothing at all, while it has a record that is not sent.
IoResult TlsStream::send(const iovec& piece) noexcept try {
  if (capture_.data() != nullptr) {
    if (piece.iov_len > capture_.size()) return {IoStatus::error};
    std::memcpy(capture_.data(), piece.iov_base, piece.iov_len);
    capture_ = capture_.subspan(piece.iov_len);
    return {IoStatus::ok, piece.iov_len};
  }
  if (!established()) return below_.write({&piece, 1});
  IoResult result{unsent_ == nullptr ? IoStatus::ok : IoStatus::would_block};
  if (unsent_ == nullptr) result = below_.write({&piece, 1});
  if (result.status == IoStatus::error || result.bytes == piece.iov_len) return result;
  if (unsent_ == nullptr) unsent_ = std::make_unique<std::vector<std::uint8_t>>();
  const auto bytes = std::span(static_cast<const std::uint8_t*>(piece.iov_base), piece.iov_len);
  const auto rest = bytes.subspan(result.bytes);
  if (unsent_->size() + rest.size() > kMaxUnsent) return {IoStatus::error};
  unsent_->insert(unsent_->end(), rest.begin(), rest.end());
  return {IoStatus::ok, piece.iov_len};
} catch (const std::exception&) {
  return {IoStatus::error};
}

/// Returns `ok` when nothing of it is left.
IoStatus TlsStream::send_unsent() {
  if (unsent_ == nullptr) return IoStatus::ok;
  const iovec piece{unsent_->data(), unsent_->size()};
  const IoResult result = below_.write({&piece, 1});
  if (result.status == IoStatus::error) fail("the connection is broken");
  if (result.status != IoStatus::ok) return result.status;
  unsent_->erase(unsent_->begin(), unsent_->begin() + static_cast<std::ptrdiff_t>(result.bytes));
  if (!unsent_->empty()) return IoStatus::would_block;
  unsent_.reset();
  return IoStatus::ok;
}

void TlsStream::shutdown_write() {
  if (established() && over_ != IoStatus::error) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  below_.shutdown_write();
}

void TlsStream::on_handshake_failure(Counter counter, std::string_view reason) {
  over_ = IoStatus::error;
  counters_.add(counter);
  note("the TLS handshake with ", " failed: ", reason);
}

/// Logs a line, or none for want of memory: it belongs to ends, which must not fail.
void TlsStream::note(std::string_view before, std::string_view behind,
                     std::string_view reason) noexcept try {
  if (!log_enabled(LogLevel::debug)) return;
  log(LogLevel::debug, "tls_failed",
      std::string(before) + below_.remote_address() + std::string(behind) + std::string(reason));
} catch (const std::exception&) {  // It is counted.
}

void TlsStream::fail(std::string_view reason) {
  if (handshake_ != nullptr) {
    return on_handshake_failure(Counter::tls_handshake_failures, reason);
  }
  over_ = IoStatus::error;
  if (counting_) counters_.add(Counter::tls_errors);
  note("the TLS connection with ", " is broken: ", reason);
}

}  // namespace wscast::net
