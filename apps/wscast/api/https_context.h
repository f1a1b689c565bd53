#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/ssl/context.hpp>

namespace wscast::program {

/// The certificate of the HTTP API, which can be read again while connections use it. Any thread.
class HttpsContext {
 public:
  using Context = boost::asio::ssl::context;

  /// Reads the files: PEM, the certificate with its chain. Throws std::runtime_error that names the
  /// file and says what is wrong.
  HttpsContext(std::string certificate, std::string key);

  /// For a new connection. A connection keeps it.
  std::shared_ptr<Context> get() const;

  /// Reads the files again, for connections to come. Throws as the constructor: then the former
  /// certificate stays.
  void reload();

 private:
  const std::string certificate_;
  const std::string key_;
  mutable std::mutex mutex_;
  std::shared_ptr<Context> context_;
};

}  // namespace wscast::program
