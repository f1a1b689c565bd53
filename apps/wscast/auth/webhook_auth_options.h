#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "http_client/circuit_breaker.h"

namespace wscast::program {

/// A webhook of the team's backend that decides: who a client is, or which rooms it may join.
struct WebhookAuthOptions {
  std::string url{};                   ///< http or https.
  std::vector<std::string> secrets{};  ///< `whsec_...`; two while receivers change, the new first.
  std::chrono::milliseconds timeout{5'000};  ///< Of one request, waiting included. 1 ms to 1 m.
  CircuitBreakerOptions breaker{};           ///< Spares a backend that fails.

  /// Everything wrong with the options, each beginning with the field's name.
  std::vector<std::string> validate() const;
};

}  // namespace wscast::program
