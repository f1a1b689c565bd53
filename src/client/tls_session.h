#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace wscast {
struct BioSent;
template <class Owner>
class OpensslBio;
}  // namespace wscast

namespace wscast::client {

/// How a client speaks TLS.
struct TlsSettings {
  /// PEM of the authority; empty: those of the system, if `verify` is set, else the server's
  /// certificate is not verified.
  std::string ca_file{};
  bool verify = false;
  std::string name{};  ///< The server's name, for SNI and verification; empty: the URL's host.
  std::string alpn{"http/1.1"};  ///< One protocol; empty: none is offered.
  bool tls_1_2 = false;          ///< Speaks TLS 1.2 only.
};

/// What the TLS connections of a client share: its settings, and the last ticket for resumption.
/// One thread at a time.
class TlsClient {
 public:
  /// Throws std::runtime_error when the CA file cannot be read.
  explicit TlsClient(TlsSettings settings);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// Whether further connections try to resume an earlier one.
  void resume(bool resumes) { resumes_ = resumes; }

 private:
  friend class TlsSession;
  struct State;

  TlsSettings settings_;
  std::unique_ptr<State> state_;
  bool resumes_ = false;
};

/// TLS over a client's non-blocking socket. The handshake happens in read() and write(), which are
/// like recv() and send(): -1 with errno EAGAIN means later. Nothing that was received stays inside
/// when read() is given 64 KiB, so readiness of the socket is that of the session. One thread.
class TlsSession {
 public:
  /// `client` must outlive it. `host`: the URL's.
  TlsSession(TlsClient& client, int fd, const std::string& host);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  ssize_t read(std::span<std::uint8_t> into);

  /// After EAGAIN the same bytes must be given again, or more of them.
  ssize_t write(std::span<const char> bytes);

  /// Sends `close_notify`.
  void shutdown_write();

  bool established() const;
  bool resumed() const;
  std::string version() const;   ///< Such as `TLSv1.3`.
  std::string protocol() const;  ///< By ALPN; empty: none.

  /// The common name of the server's certificate, and the kind of its key, such as `EC` or `RSA`.
  std::string server_name() const;
  std::string server_key() const;

  /// Why it failed, in OpenSSL's words; empty when it did not.
  const std::string& failure() const { return failure_; }

  /// Asks the server for new keys, and changes this side's (TLS 1.3) with the next write().
  bool update_keys();

 private:
  friend class OpensslBio<TlsSession>;

  BioSent send_record(std::span<const char> bytes) noexcept;
  ssize_t finish(int result, std::size_t moved);

  TlsClient& client_;
  const int fd_;
  ssl_st* ssl_ = nullptr;
  std::span<const std::uint8_t> input_;  ///< Ciphertext, during read() only.
  std::string failure_;
};

}  // namespace wscast::client
