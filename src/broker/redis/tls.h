#pragma once

#include <memory>
#include <string>

#include "wscast/redis.h"

struct ssl_st;
struct ssl_ctx_st;

namespace wscast::redis {

/// The client's side of TLS as RedisOptions wants it: the peer's certificate must be signed by the
/// CA and be for the host that was dialled.
class Tls {
 public:
  /// `options` must outlive it.
  explicit Tls(const RedisOptions& options);
  ~Tls();

  /// For one connection; the caller frees it. Null, with `fault`, when a file does not serve.
  ssl_st* make(const std::string& host, std::string& fault);

  /// Files are read again for the next connection: they may have been renewed.
  void forget();

 private:
  struct Release {
    void operator()(ssl_ctx_st* context) const;
  };
  using Context = std::unique_ptr<ssl_ctx_st, Release>;

  Context load(std::string& fault) const;

  const RedisOptions& options_;
  Context context_;
};

/// What is wrong with the peer's certificate; empty when nothing is.
std::string certificate_fault(const ssl_st* connection);

}  // namespace wscast::redis
