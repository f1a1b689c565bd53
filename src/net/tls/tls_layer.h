#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "wscast/tls_options.h"

#include "base/clock.h"
#include "base/random.h"
#include "net/stream_layer.h"
#include "net/tls/certificate_set.h"
#include "net/tls/handshake_limit.h"
#include "net/tls/ticket_keys.h"

namespace wscast::net {

/// What the TLS listeners of a server share. Any thread.
struct TlsShared {
  TlsShared(const Clock& clock_to_use, Random& random)
      : clock(clock_to_use), tickets(clock_to_use, random), handshakes(clock_to_use) {}

  const Clock& clock;
  TicketKeys tickets;
  HandshakeLimit handshakes;
};

/// TLS for the connections of one listener. Any thread.
class TlsLayer final : public StreamLayer, public std::enable_shared_from_this<TlsLayer> {
 public:
  /// What is wrong with `options` without reading a file, one sentence each.
  static std::vector<std::string> faults_of(const TlsOptions& options);

  /// Loads the certificates. Null, with sentences in `faults`, when they or the options are wrong.
  static std::shared_ptr<TlsLayer> make(const TlsOptions& options,
                                        std::shared_ptr<TlsShared> shared,
                                        std::vector<std::string>& faults);

  /// `certificates` are those to begin with.
  TlsLayer(TlsOptions options, std::shared_ptr<TlsShared> shared,
           std::shared_ptr<const CertificateSet> certificates)
      : options_(std::move(options)),
        shared_(std::move(shared)),
        certificates_(std::move(certificates)) {}

  std::unique_ptr<Stream> wrap(Stream& below, Counters& counters) const override;

  /// Reads the files again; further handshakes use what they hold. False, with one sentence each in
  /// `faults`: the certificates stay as they are.
  bool reload(std::vector<std::string>& faults);

  const TlsOptions& options() const { return options_; }
  TlsShared& shared() const { return *shared_; }

  /// Those that a handshake that begins now uses.
  std::shared_ptr<const CertificateSet> certificates() const;

 private:
  const TlsOptions options_;
  const std::shared_ptr<TlsShared> shared_;
  mutable std::mutex mutex_;
  std::shared_ptr<const CertificateSet> certificates_;
};

}  // namespace wscast::net
