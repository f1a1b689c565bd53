#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wscast/client_info.h"
#include "wscast/server.h"
#include "wscast/server_options.h"
#include "wscast/typed_hooks.h"

namespace wscast {

/// ServerOptions with typed hooks; `hooks` hides the member of the base, which is ignored.
template <class Auth, class Meta>
struct TypedServerOptions : ServerOptions {
  TypedHooks<Auth, Meta> hooks{};

  /// The same options for a Server.
  ServerOptions untyped() const {
    ServerOptions plain = *this;
    plain.hooks = hooks.untyped();
    return plain;
  }

  /// Everything wrong with these options, one sentence each: as ServerOptions::validate().
  std::vector<std::string> validate() const { return untyped().validate(); }
};

/// ClientInfo whose metadata is a Meta.
template <class Meta>
using TypedClientInfo = WithMeta<ClientInfo, Meta>;

/// A Server whose clients authenticate with an Auth, read by codec<Auth>, and have a Meta as their
/// metadata. It has all calls of Server; queries return TypedClientInfo. May be used as a Server,
/// but must not be destroyed through a pointer to Server.
template <class Auth, class Meta>
class TypedServer : public Server {
 public:
  using Options = TypedServerOptions<Auth, Meta>;
  using Info = TypedClientInfo<Meta>;

  /// Throws as the constructor of Server.
  explicit TypedServer(const Options& options) : Server(options.untyped()) {}

  std::optional<Info> get_client(std::string_view client_id) const {
    std::optional<ClientInfo> client = Server::get_client(client_id);
    if (!client) return std::nullopt;
    return Info{*std::move(client)};
  }

  std::vector<Info> get_clients() const { return typed(Server::get_clients()); }
  std::vector<Info> get_clients(const Page& page) const { return typed(Server::get_clients(page)); }

  std::vector<Info> get_clients_by_user(std::string_view user_id) const {
    return typed(Server::get_clients_by_user(user_id));
  }

  std::vector<Info> get_clients_by_room(std::string_view room) const {
    return typed(Server::get_clients_by_room(room));
  }

 private:
  static std::vector<Info> typed(std::vector<ClientInfo> clients) {
    std::vector<Info> infos;
    infos.reserve(clients.size());
    for (ClientInfo& client : clients) infos.push_back(Info{std::move(client)});
    return infos;
  }
};

}  // namespace wscast
