#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "client/blocking_client.h"
#include "faults/patience.h"
#include "faults/stage.h"
#include "support/ecdh_client.h"

namespace wscast::faults {

/// The client that the fault strikes. It goes through a request that is handed over, connect,
/// authenticate, join, publish, receive and close, as far as the server lets it.
class Victim {
 public:
  /// `struck` says whether the fault has struck: from then on nothing is waited for long.
  /// `between` runs before each step. `tls`: null for plain TCP.
  Victim(std::string address, client::TlsClient* tls, std::function<bool()> struck,
         std::function<void()> between)
      : address_(std::move(address)), patience_(std::move(struck)), between_(std::move(between)) {
    if (tls != nullptr) socket_.use_tls(*tls);
  }

  /// From `connected` on everything is encrypted.
  void encrypt() { keys_.emplace(); }

  /// Returns the last stage that was reached. The connection is closed afterwards.
  Stage run();

 private:
  Stage live();
  bool authenticate();
  bool ask(const Step& step);
  bool await(client::Event::Kind kind, std::string_view start);
  std::optional<bool> look(client::Event::Kind kind, std::string_view start);

  const std::string address_;
  const Patience patience_;
  const std::function<void()> between_;
  client::BlockingClient socket_;
  std::optional<EcdhClient> keys_;  ///< Empty: in the clear.
  bool encrypted_ = false;          ///< From now on.
  std::string received_;            ///< What await() found.
};

}  // namespace wscast::faults
