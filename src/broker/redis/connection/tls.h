#pragma once

#include <memory>
#include <string>

#include "wscast/redis.h"

struct ssl_st;
struct ssl_ctx_st;

namespace wscast::redis {

/// The client's side of TLS, configured by RedisOptions: the peer's certificate must be signed by
/// the CA and be for the host of the connection.
class Tls {
 public:
  /// `options` must outlive it.
  explicit Tls(const RedisOptions& options);
  ~Tls();

  /// Makes the state of one connection, which the caller frees. Null, with `fault`, when a file
  /// cannot be used. Throws std::bad_alloc.
  ssl_st* make(const std::string& host, std::string& fault);

  /// Reads the files again for the next connection: they may have been renewed.
  void reload();

 private:
  struct Release {
    void operator()(ssl_ctx_st* context) const;
  };
  using Context = std::unique_ptr<ssl_ctx_st, Release>;

  Context load(std::string& fault) const;

  const RedisOptions& options_;
  Context context_;
};

/// Returns what is wrong with the peer's certificate; empty when nothing is.
std::string certificate_fault(const ssl_st* connection);

}  // namespace wscast::redis
