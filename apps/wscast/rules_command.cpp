#include "rules_command.h"

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "config/config_file.h"
#include "config/configuration.h"
#include "exit_code.h"
#include "rooms/room_rules.h"

namespace wscast::program {
namespace {

/// The rules of a file. What is wrong outside of them does not matter here.
std::vector<RoomRule> rules_of(const std::string& file) {
  const Configuration defaults;
  ConfigFile content = read_config_file(file, defaults.table());
  if (!content.faults.empty()) throw ConfigurationError(std::move(content.faults));
  return std::move(content.rooms);
}

Grant client_of(const RulesArguments& arguments) {
  if (!nlohmann::json::parse(arguments.metadata, nullptr, false).is_object()) {
    throw std::invalid_argument("--metadata: \"" + arguments.metadata + "\" is no JSON object");
  }
  Grant client{.user_id = arguments.user, .metadata = arguments.metadata};
  if (!arguments.own_rooms.empty()) client.room_patterns = parted(arguments.own_rooms);
  return client;
}

std::string decider(const RoomDecision& decision) {
  if (decision.rule != nullptr) {
    return decision.rule->place + ", match = \"" + decision.rule->match + "\"";
  }
  return decision.own ? "no rule, but a room of the client's own" : "no rule";
}

}  // namespace

void add_rules_flags(CLI::App& app, RulesArguments& arguments) {
  app.require_subcommand(1);
  auto* test = app.add_subcommand("test", "Print which rule decides about a user and a room");
  test->add_option("--config", arguments.file, "Configuration file")
      ->type_name("FILE")
      ->capture_default_str();
  test->add_option("--user", arguments.user, "The user")->required()->type_name("USER");
  test->add_option("--room", arguments.room, "The room")->required()->type_name("ROOM");
  test->add_option("--event", arguments.event, "Ask about publishing this event, not joining")
      ->type_name("EVENT");
  test->add_option("--metadata", arguments.metadata, "The client's metadata")->type_name("JSON");
  test->add_option("--own-rooms", arguments.own_rooms, "Rooms that the client's token names")
      ->type_name("A,B,...");
}

int test_rules(const RulesArguments& arguments) {
  const RoomRules rules(rules_of(arguments.file));
  const Grant client = client_of(arguments);
  const RoomDecision decision = rules.decide(client, arguments.room);
  const bool publishes = !arguments.event.empty();
  const bool webhook = !publishes && decision.join == RoomRule::Join::webhook;
  const bool allowed = publishes ? rules.may_publish(client, arguments.room, arguments.event)
                                 : decision.join == RoomRule::Join::yes;
  std::cout << (webhook   ? "ask the webhook"
                : allowed ? "yes"
                          : "no")
            << ": " << decider(decision) << std::endl;
  return allowed || webhook ? kDone : kFailed;
}

}  // namespace wscast::program
