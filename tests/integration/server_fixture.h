#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "wscast/server.h"

#include "client/blocking_client.h"

namespace wscast {

/// A real server on loopback, and real clients of it.
class ServerFixture {
 public:
  using Adjust = std::function<void(ServerOptions&)>;

  /// Any token but `wrong` is taken and names the user; every room is allowed; `publish` goes to
  /// the other members.
  explicit ServerFixture(std::size_t shards, const Adjust& adjust = {});

  Server& server() { return *server_; }
  const std::string& address() const { return address_; }

  /// A connected client that has not authenticated.
  std::unique_ptr<client::BlockingClient> connect();

  /// A client that has received `connected`; `id` becomes its client id.
  std::unique_ptr<client::BlockingClient> authenticate(std::string_view token,
                                                       std::string* id = nullptr);

  /// The same, in the room.
  std::unique_ptr<client::BlockingClient> join(std::string_view token, std::string_view room);

  /// Waits until `condition` holds, which the server's threads bring about.
  static void await(const std::function<bool()>& condition);

 private:
  std::unique_ptr<Server> server_;
  std::string address_;
};

client::Endpoint endpoint_of(std::string_view address);

}  // namespace wscast
