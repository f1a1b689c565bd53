#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/server.h"

#include "client/blocking_client.h"

namespace wscast {

/// The data of a message, where any will do.
inline const Json kOne = Json::text("1");

/// The text of a message to a client.
std::string message(std::string_view event, std::string_view data);

/// The text of the error message that says `what`.
std::string error_message(std::string_view what);

/// How many messages a `dropped` notice speaks of (X3), 0 for any other text.
std::uint64_t dropped_count(std::string_view text);

/// A client that was accepted, and the id that the server gave it.
struct Peer {
  std::unique_ptr<client::BlockingClient> socket;
  std::string id;

  void send(std::string_view event, std::string_view data = "null") const;

  /// The next message; a failure of the test when something else comes.
  std::string next() const;

  /// What comes next is a close frame with these words.
  void expect_close(std::uint16_t code, std::string_view reason) const;
};

/// A real server on loopback, and real clients of it. It writes by io_uring where that can be used,
/// also to one client; with WSCAST_TEST_IO=epoll in the environment, it does not.
class ServerFixture {
 public:
  using Adjust = std::function<void(ServerOptions&)>;

  /// Any token but `wrong` is taken and names the user; every room is allowed; `publish` goes to
  /// the other members.
  explicit ServerFixture(std::size_t shards, const Adjust& adjust = {});

  Server& server() { return *server_; }
  const std::string& address() const { return address_; }

  /// Clients made from here on connect to `address` by TLS. `tls` must outlive them.
  void use_tls(std::string address, client::TlsClient& tls);

  /// A connected client that has not authenticated.
  std::unique_ptr<client::BlockingClient> connect();

  /// A client that has received `connected`; `id` becomes its client id.
  std::unique_ptr<client::BlockingClient> authenticate(std::string_view token,
                                                       std::string* id = nullptr);

  /// The same, in the room.
  std::unique_ptr<client::BlockingClient> join(std::string_view token, std::string_view room);

  /// A client of that user, in those rooms.
  Peer peer(std::string_view user, const std::vector<std::string>& rooms = {});

  /// The next clients go to one shard after the other, the first one to the first.
  void spread();

  /// What was counted.
  std::uint64_t count(Counter counter) const { return server_->stats()[counter]; }

  /// Waits until `condition` holds, which the server's threads bring about.
  static void await(const std::function<bool()>& condition);

 private:
  std::unique_ptr<Server> server_;
  std::string address_;
  client::TlsClient* tls_ = nullptr;  ///< Of the clients; null: none.
};

client::Endpoint endpoint_of(std::string_view address);

}  // namespace wscast
