#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.h"
#include "base/openssl_bio.h"
#include "net/stream.h"
#include "net/tls/openssl.h"
#include "net/tls/tls_context.h"
#include "net/tls/tls_layer.h"

namespace wscast::net {

/// The server's side of TLS over another stream. Shard thread only.
///
/// A read takes ciphertext once from the stream below, into the end of the caller's own memory, and
/// decrypts all of it into the beginning: plaintext is never longer, so nothing decrypted stays
/// behind that a level-triggered poller would not report. A write makes one record. Of what the
/// stream below does not take, this holds that record; write() then returns `would_block`, and the
/// caller must give the same bytes again.
class TlsStream final : public Stream {
 public:
  /// The least that read() needs: the longest record, and as much again to read into.
  static constexpr std::size_t kMinRead = std::size_t{34} * 1024;

  /// `below` outlives it.
  TlsStream(Stream& below, std::shared_ptr<const TlsLayer> layer, Counters& counters);
  ~TlsStream() override;

  bool established() const override { return handshake_ == nullptr; }
  bool encrypted() const override { return true; }
  bool wants_write() const override { return handshake_ != nullptr && handshake_->wants_write; }
  std::optional<std::chrono::milliseconds> establish_timeout() const override;
  void on_establish_timeout() override;

  IoResult read(std::span<std::uint8_t> into) override;
  IoResult write(std::span<const iovec> pieces) override;

  int send_descriptor() const override { return established() ? below_.send_descriptor() : -1; }
  EncodedBytes encode(std::span<const std::uint8_t> bytes, SendBatch& batch) override;
  IoResult note_sent(const EncodedBytes& encoded, const IoResult& sent) noexcept override;

  /// Sends `close_notify`, unless the stream below takes nothing now, and ends the stream below.
  void shutdown_write() override;

  std::size_t unacknowledged() const override { return below_.unacknowledged(); }
  void abort() override { below_.abort(); }
  void set_counting(bool counting) override { counting_ = counting; }
  ProxiedClient* proxied() override { return below_.proxied(); }
  std::optional<IpAddress> client_address() const override { return below_.client_address(); }
  std::string remote_address() const override { return below_.remote_address(); }

 private:
  friend class OpensslBio<TlsStream>;

  /// What is needed until the handshake ends.
  struct Handshake {
    std::shared_ptr<const TlsLayer> layer;
    std::shared_ptr<const CertificateSet> certificates{};  ///< Null until the first byte came.
    HandshakeContext context{};
    bool wants_write = false;
  };

  bool begin();
  void end_handshake();
  void note_established();
  IoStatus fetch(std::span<std::uint8_t> into);
  IoStatus decrypt(std::span<std::uint8_t> into, std::size_t& got);
  IoStatus on_ssl_status(int status);
  std::size_t encrypt(std::span<const std::uint8_t> bytes);
  BioSent send_record(std::span<const char> bytes) noexcept;
  IoResult send(const iovec& piece) noexcept;
  IoStatus send_unsent();
  void on_handshake_failure(Counter counter, std::string_view reason);
  void fail(std::string_view reason);
  void note(std::string_view before, std::string_view behind, std::string_view reason) noexcept;

  Stream& below_;
  Counters& counters_;
  SslPointer ssl_;  ///< Null until the first byte came.
  std::unique_ptr<Handshake> handshake_;
  std::unique_ptr<std::vector<std::uint8_t>> held_;    ///< Ciphertext behind a write that waits.
  std::unique_ptr<std::vector<std::uint8_t>> unsent_;  ///< Encrypted, not taken below; see send().
  std::span<const std::uint8_t> input_;                ///< Ciphertext, during read() only.
  std::span<std::uint8_t> capture_;                    ///< For ciphertext, during encode() only.
  std::uint32_t pending_ = 0;     ///< Bytes of the record that is not completely sent.
  IoStatus over_ = IoStatus::ok;  ///< Not ok: what every further read() returns.
  bool counting_ = true;
  std::uint16_t fragment_ = 0;  ///< The longest record that OpenSSL is set to; 0: as it was made.
};

}  // namespace wscast::net
