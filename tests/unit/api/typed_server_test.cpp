#include "wscast/typed_server.h"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "outcomes.h"

namespace wscast {
namespace {

struct Token {
  std::string text;
};

struct Profile {
  int level = 0;
};

}  // namespace

template <>
struct codec<Token> {
  static std::optional<Token> decode(Json json) { return Token{std::string(json.view())}; }
};

namespace {

using ChatServer = TypedServer<Token, Profile>;

TypedHooks<Token, Profile> hooks() {
  return {.authenticate = [](const TypedAuthenticateRequest<Token>& request) {
    return TypedIdentity<Profile>{.user_id = request.data.text, .metadata = {}};
  }};
}

TEST(TypedServerOptions, AreServerOptionsWithTypedHooks) {
  ChatServer::Options options;
  options.path = "/chat";
  options.session.message_rate = 7;
  options.hooks = hooks();
  const ServerOptions untyped = options.untyped();
  EXPECT_EQ(untyped.path, "/chat");
  EXPECT_EQ(untyped.session.message_rate, 7u);
  const auto outcomes = ask(untyped.hooks.authenticate, {.data = Json::text("u")});
  ASSERT_TRUE(outcomes.answer() && *outcomes.answer());
  EXPECT_EQ((*outcomes.answer())->user_id, "u");
}

TEST(TypedServerOptions, AreMadeOfOnesThatAreThere) {
  const ServerOptions shared{.path = "/chat"};
  const ChatServer::Options options{shared, hooks()};
  EXPECT_EQ(options.path, "/chat");
  EXPECT_TRUE(options.untyped().hooks.authenticate);
}

TEST(TypedServerOptions, AreJudgedWithTheTypedHooks) {
  ChatServer::Options options;
  options.broker = memory_broker();
  EXPECT_EQ(options.validate().size(), 1u);
  options.hooks = hooks();
  EXPECT_EQ(options.validate(), std::vector<std::string>{});
}

TEST(TypedServer, AnswersItsQueriesInTypes) {
  ChatServer server({{.broker = memory_broker(), .shards = 1}, hooks()});
  const std::optional<TypedClientInfo<Profile>> client = server.get_client("c");
  EXPECT_FALSE(client);
  const std::vector<TypedClientInfo<Profile>> clients = server.get_clients();
  EXPECT_EQ(clients.size(), 0u);
  EXPECT_EQ(server.get_clients_by_user("u").size(), 0u);
  EXPECT_EQ(server.get_clients_by_room("r").size(), 0u);
  EXPECT_EQ(server.client_count(), 0u);
}

TEST(TypedServer, ThrowsAsAServerDoes) {
  EXPECT_THROW(ChatServer{ChatServer::Options{}}, std::invalid_argument);
}

TEST(TypedClientInfo, ShowsTheMetaOfAClientThatHasOne) {
  const TypedClientInfo<Profile> none;
  EXPECT_EQ(none.meta(), nullptr);

  ClientInfo info;
  info.id = "c";
  info.metadata = Metadata::of(Profile{.level = 3});
  const TypedClientInfo<Profile> some{info};
  EXPECT_EQ(some.id, "c");
  ASSERT_TRUE(some.meta());
  EXPECT_EQ(some.meta()->level, 3);
}

}  // namespace
}  // namespace wscast
