#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/tls/tls_layer.h"

struct ssl_st;

namespace wscast::test {

/// A TLS layer with a certificate of its own making.
std::shared_ptr<net::TlsLayer> self_signed_layer(TlsOptions options = {});

/// The client's side of TLS in memory, by OpenSSL's own BIOs. Whoever uses it carries the bytes.
class TlsPeer {
 public:
  struct Wish {
    std::string name{};  ///< SNI; empty: none.
    std::string alpn{};  ///< Empty: none offered.
    bool tls_1_2 = false;
    bool rsa_only = false;  ///< Verifies no ECDSA signature.
  };

  TlsPeer() : TlsPeer(Wish{}) {}
  explicit TlsPeer(const Wish& wish);
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  /// Ciphertext from the server. Goes on with the handshake, and decrypts.
  void receive(std::string_view ciphertext);

  /// Encrypts; only when established.
  void send(std::string_view plaintext);

  /// Sends close_notify.
  void close();

  /// Changes the keys of this side, and asks the server for the same (TLS 1.3).
  void update_keys();

  /// Ciphertext for the server, at first a ClientHello.
  std::string take_output();

  const std::string& received() const { return received_; }
  bool established() const;
  bool failed() const { return failed_; }          ///< An alert came, or what is no TLS.
  bool close_notified() const { return closed_; }  ///< The server sent close_notify.
  std::string server_name() const;                 ///< Of its certificate's subject.
  ssl_st* ssl() { return ssl_; }

 private:
  void advance();

  ssl_st* ssl_ = nullptr;
  std::string received_;
  bool failed_ = false;
  bool closed_ = false;
};

}  // namespace wscast::test
