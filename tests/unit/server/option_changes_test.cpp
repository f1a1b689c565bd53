#include "server/option_changes.h"

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::server {
namespace {

using std::chrono::milliseconds;
using Texts = std::vector<std::string>;

ServerOptions valid_options() {
  ServerOptions options;
  options.broker = memory_broker();
  options.hooks.authenticate = [](const AuthenticateRequest&) { return std::optional(Identity{}); };
  options.hooks.outbound_transformer = [](const TransformRequest&) {
    return std::optional<Transformed>();
  };
  options.http.handover.take = [](const HandedOverConnection&) {};
  return options;
}

/// A change of one option, and whether another copy has it.
struct Change {
  std::string name;
  std::function<void(ServerOptions&)> make;
  std::function<bool(const ServerOptions&)> made;
};

/// The change of a member to `value`, by its name in the options.
#define CHANGE(member, ...)                                  \
  Change {                                                   \
#member, [](ServerOptions& o) { o.member = __VA_ARGS__; }, \
        [](const ServerOptions& o) {                           \
          const decltype(o.member) wanted = __VA_ARGS__;       \
          return o.member == wanted;                           \
        } \
  }

const Change kFixed[] = {
    CHANGE(identifier, "other"),
    CHANGE(path, "/other"),
    CHANGE(session.encryption, Encryption::optional),
    CHANGE(session.default_rooms, {"lobby"}),
    CHANGE(transport.per_message_deflate.enabled, true),
    CHANGE(transport.per_message_deflate.level, 9),
    CHANGE(transport.per_message_deflate.memory_level, 9),
    CHANGE(transport.per_message_deflate.max_window_bits, 9),
    CHANGE(transport.io, Io::epoll),
    CHANGE(transport.send_buffer, 1),
    CHANGE(transport.trusted_proxies, {"10.0.0.1"}),
    CHANGE(transport.publish_to_self, true),
    CHANGE(http.health, true),
    CHANGE(http.ready, true),
    CHANGE(http.stats, true),
    CHANGE(http.handover.paths, {"/api"}),
    CHANGE(shards, 7),
    CHANGE(max_inbox_bytes, 1'000'000),
    CHANGE(measure, true),
};

const Change kChangeable[] = {
    CHANGE(allowed_origins, {"https://example.com"}),
    CHANGE(session.auth_timeout, milliseconds(1)),
    CHANGE(session.heartbeat_interval, milliseconds(1)),
    CHANGE(session.heartbeat_timeout, milliseconds(1)),
    CHANGE(session.max_messages_before_auth, 1),
    CHANGE(session.max_bytes_before_auth, 1),
    CHANGE(session.max_rooms_per_join, 1),
    CHANGE(session.max_rooms_per_client, 1),
    CHANGE(session.max_waiting_messages, 1),
    CHANGE(session.max_json_depth, 1),
    CHANGE(session.message_rate, 1),
    CHANGE(session.join_rate, 1),
    CHANGE(session.notify_dropped, false),
    CHANGE(session.encrypted_batch_limit, 1),
    CHANGE(session.transform_timeout, milliseconds(1)),
    CHANGE(transport.max_payload_length, 1),
    CHANGE(transport.per_message_deflate.threshold, 1),
    CHANGE(transport.per_message_deflate.max_inflated_before_auth, 1),
    CHANGE(transport.idle_timeout, milliseconds(1)),
    CHANGE(transport.send_pings, false),
    CHANGE(transport.backpressure_limit, 1),
    CHANGE(transport.close_on_backpressure_limit, true),
    CHANGE(transport.max_head_bytes, 1),
    CHANGE(transport.max_head_fields, 1),
    CHANGE(transport.head_timeout, milliseconds(1)),
    CHANGE(transport.message_timeout, milliseconds(1)),
    CHANGE(transport.close_timeout, milliseconds(1)),
    CHANGE(transport.drain_timeout, milliseconds(1)),
    CHANGE(transport.max_connections, 1),
    CHANGE(transport.max_unauthenticated_connections, 1),
    CHANGE(transport.max_connections_per_address, 1),
    CHANGE(transport.max_failed_authentications_per_address, 1),
};

#undef CHANGE

TEST(OptionChanges, WhatCannotChangeStaysAndIsNamed) {
  const ServerOptions current = valid_options();
  for (const Change& change : kFixed) {
    ServerOptions wanted = current;
    change.make(wanted);
    ASSERT_TRUE(change.made(wanted) && !change.made(current)) << change.name;
    const OptionChanges changes = changes_to(current, wanted);
    EXPECT_EQ(changes.refused, Texts{change.name + " cannot change while the server runs."});
    EXPECT_FALSE(change.made(changes.options)) << change.name;
  }
}

TEST(OptionChanges, WhatCanChangeDoes) {
  const ServerOptions current = valid_options();
  for (const Change& change : kChangeable) {
    ServerOptions wanted = current;
    change.make(wanted);
    ASSERT_FALSE(change.made(current)) << change.name;
    const OptionChanges changes = changes_to(current, wanted);
    EXPECT_EQ(changes.refused, Texts{}) << change.name;
    EXPECT_TRUE(change.made(changes.options)) << change.name;
  }
}

TEST(OptionChanges, PagesAndTheReadyMadeEncryptionCannotChange) {
  ServerOptions current = valid_options();
  current.hooks.outbound_transformer = {};
  ServerOptions wanted = current;
  wanted.http.pages["/"] = {.body = "hello"};
  wanted.encryption = ecdh();
  EXPECT_EQ(changes_to(current, wanted).refused,
            (Texts{"encryption cannot change while the server runs.",
                   "http.pages cannot change while the server runs."}));
  current = wanted;
  EXPECT_EQ(changes_to(current, wanted).refused, Texts{});
  wanted.http.pages["/"].headers.emplace_back("X-Test", "1");
  wanted.encryption->info = "other";
  const OptionChanges changes = changes_to(current, wanted);
  EXPECT_EQ(changes.refused.size(), 2u);
  EXPECT_EQ(changes.options.encryption->info, current.encryption->info);
  EXPECT_TRUE(changes.options.http.pages.at("/").headers.empty());
}

TEST(OptionChanges, BrokerAndHooksAreNotLookedAt) {
  const ServerOptions current = valid_options();
  ServerOptions wanted;
  wanted.session.message_rate = 5;
  const OptionChanges changes = changes_to(current, wanted);
  EXPECT_EQ(changes.refused, Texts{});
  EXPECT_EQ(changes.options.broker, current.broker);
  EXPECT_TRUE(changes.options.hooks.authenticate);
  EXPECT_EQ(changes.options.session.message_rate, 5u);
}

TEST(OptionChanges, AllFaultsAreNamed) {
  const ServerOptions current = valid_options();
  ServerOptions wanted = current;
  wanted.session.auth_timeout = milliseconds(0);
  wanted.transport.max_payload_length = 0;
  try {
    changes_to(current, wanted);
    FAIL() << "they are refused";
  } catch (const std::invalid_argument& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("session.auth_timeout must be positive."), std::string::npos) << what;
    EXPECT_NE(what.find("transport.max_payload_length must not be 0."), std::string::npos) << what;
  }
}

TEST(OptionChanges, ALimitIsValidatedBesideWhatCannotChange) {
  ServerOptions current = valid_options();
  current.max_inbox_bytes = 1'000'000;
  ServerOptions wanted = current;
  wanted.max_inbox_bytes = 3'000'000;
  wanted.transport.max_payload_length = 2'000'000;
  EXPECT_THROW(changes_to(current, wanted), std::invalid_argument);
}

}  // namespace
}  // namespace wscast::server
