#pragma once

#include <functional>
#include <memory>
#include <string>

#include "wscast/server.h"

#include "faults/patience.h"
#include "faults/stage.h"
#include "support/fake_transport.h"

namespace wscast::faults {

/// A victim whose connection an external WebSocket server holds: opened, authenticated, in a room,
/// served and closed, as far as the server lets it.
class ExternalVictim {
 public:
  /// As Victim's.
  ExternalVictim(Server& server, std::function<bool()> struck, std::function<void()> between)
      : server_(server),
        handler_(server.handler()),
        patience_(std::move(struck)),
        between_(std::move(between)) {}

  /// Returns the last stage that was reached. The connection is closed afterwards.
  Stage run();

 private:
  Stage live();
  bool ask(const Step& step);
  bool await(const std::function<bool()>& holds) const;

  Server& server_;
  const ExternalServerHandler handler_;
  const Patience patience_;
  const std::function<void()> between_;
  const std::string id_ = Server::new_client_id();
  const std::shared_ptr<FakeExternalTransport> transport_ =
      std::make_shared<FakeExternalTransport>();
};

}  // namespace wscast::faults
