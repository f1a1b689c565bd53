#include "config/config_file.h"

#include <gtest/gtest.h>

#include "config/configuration.h"

namespace wscast::program {
namespace {

ConfigFile parse(std::string_view content) {
  const Configuration defaults;
  return parse_config("x.toml", content, defaults.table());
}

std::vector<std::string> faults_of(std::string_view content) {
  std::vector<std::string> out;
  for (const Fault& fault : parse(content).faults) out.push_back(fault.text());
  return out;
}

TEST(ConfigFile, ReadsTextsNumbersBooleansAndLists) {
  const ConfigFile file = parse(
      "[server]\nlisten = [\"127.0.0.1:1\", \"unix:/x\"]\nshards = 3\nconsole = true\n"
      "[log]\nlevel = \"debug\"\n");
  EXPECT_TRUE(file.faults.empty());
  using Texts = std::vector<std::string>;
  EXPECT_EQ(file.values.at("server.listen").texts, (Texts{"127.0.0.1:1", "unix:/x"}));
  EXPECT_EQ(file.values.at("server.shards").texts, Texts{"3"});
  EXPECT_EQ(file.values.at("server.console").texts, Texts{"true"});
  EXPECT_EQ(file.values.at("log.level").origin, "x.toml:6");
}

TEST(ConfigFile, ReadsTheRulesOfRoomsInOrder) {
  const ConfigFile file = parse(
      "[[rooms]]\nmatch = \"a\"\njoin = true\n\n"
      "[[rooms]]\nmatch = \"b\"\njoin = \"webhook\"\npublish = true\nevents = [\"x\"]\n");
  ASSERT_EQ(file.rooms.size(), 2u);
  EXPECT_EQ(file.rooms[0].match, "a");
  EXPECT_EQ(file.rooms[0].place, "x.toml:1");
  EXPECT_EQ(file.rooms[1].join, RoomRule::Join::webhook);
  EXPECT_EQ(file.rooms[1].events, std::vector<std::string>{"x"});
}

TEST(ConfigFile, ReadsHowMuchARoomKeeps) {
  const ConfigFile file = parse(
      "[[rooms]]\nmatch = \"a-{userId}-b*\"\nhistory = true\n"
      "[[rooms]]\nmatch = \"none\"\n"
      "[[rooms]]\nmatch = \"c\"\nhistory = { size = 7, ttl = \"30s\", replay = false }\n");
  const auto rules = history_rules(file.rooms);
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0], (HistoryRule{.match = "a-*-b*"}));
  EXPECT_EQ(rules[1], (HistoryRule{.match = "c",
                                   .limits = {.size = 7, .ttl = std::chrono::seconds(30)},
                                   .replay = false}));
  EXPECT_EQ(file.rooms[2].toml(),
            "match = \"c\"\njoin = false\npublish = false\n"
            "history = { size = 7, ttl = \"30s\", replay = false }\n");
}

TEST(ConfigFile, SaysWhatIsWrongWithAHistory) {
  const auto fault_of = [](const std::string& history) {
    const auto faults = faults_of("[[rooms]]\nmatch = \"a\"\nhistory = " + history + "\n");
    return faults.empty() ? "" : faults.front();
  };
  const std::string at = "x.toml:3: rooms.history";
  EXPECT_EQ(fault_of("false"), at + ": is true, or a table such as { size = 1000, ttl = \"10m\" }");
  EXPECT_EQ(fault_of("{ size = 0 }"), at + ".size: is not a number from 1 to 100000");
  EXPECT_EQ(fault_of("{ size = 100001 }"), at + ".size: is not a number from 1 to 100000");
  EXPECT_EQ(fault_of("{ ttl = \"999ms\" }"), at + ".ttl: is not a time from 1s to 720h");
  EXPECT_EQ(fault_of("{ replay = 1 }"), at + ".replay: is neither true nor false");
  EXPECT_EQ(fault_of("{ sise = 1 }"), at + ".sise: is no field, did you mean \"size\"?");
}

TEST(ConfigFile, ListsAllThatItDoesNotKnow) {
  EXPECT_EQ(faults_of("[limitz]\nx = 1\n[limits]\nmesage_rate = 1\nlevel = \"debug\"\n[foo]\n"),
            (std::vector<std::string>{
                "x.toml:6: foo: is no section",
                "x.toml:5: limits.level: is no option, did you mean \"compression.level\"?",
                "x.toml:4: limits.mesage_rate: is no option, did you mean "
                "\"limits.message_rate\"?",
                "x.toml:1: limitz: is no section, did you mean \"limits\"?"}));
}

TEST(ConfigFile, SaysWhereItIsNotToml) {
  const auto faults = faults_of("[server]\nlisten = \n");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].rfind("x.toml:2: not TOML: ", 0), 0u) << faults[0];
}

TEST(ConfigFile, AFaultShowsNoNumberThatMayBeASecret) {
  for (const char* number : {"123456789012345678901234", "0x1234567890abcdef1234", "1.2e99999",
                             "-123456789012345678901234"}) {
    const auto faults = faults_of(std::string("[auth.jwt]\nsecret = ") + number + "\n");
    ASSERT_EQ(faults.size(), 1u) << number;
    EXPECT_EQ(faults[0].rfind("x.toml:2: not TOML: ", 0), 0u) << faults[0];
    EXPECT_NE(faults[0].find(": a number "), std::string::npos) << faults[0];
    EXPECT_EQ(faults[0].find(number), std::string::npos) << faults[0];
  }
  EXPECT_NE(faults_of("a = 1\na = 2\n")[0].find("'a'"), std::string::npos);
}

TEST(ConfigFile, AFaultIsOneLine) {
  EXPECT_EQ(faults_of("\"a\\nb\" = 1\n"),
            std::vector<std::string>{"x.toml:1: a\\x0ab: is no option"});
}

TEST(ConfigFile, RejectsValuesOfOtherKinds) {
  EXPECT_EQ(faults_of("[server]\npath = 1979-05-27\n"),
            std::vector<std::string>{"x.toml:2: server.path: is neither a text, a number, true, "
                                     "false nor a list of these"});
  EXPECT_EQ(faults_of("rooms = 1\n"),
            std::vector<std::string>{"x.toml:1: rooms: is a list: write [[rooms]]"});
  EXPECT_EQ(faults_of("[[rooms]]\njoin = true\n"),
            std::vector<std::string>{
                "x.toml:1: rooms: a rule needs match, a pattern such as \"team-*\""});
  EXPECT_EQ(
      faults_of("[[rooms]]\nmatch = \"a\"\njoin = 3\n"),
      std::vector<std::string>{"x.toml:3: rooms.join: is neither true, false nor \"webhook\""});
}

TEST(ConfigFile, AFileThatCannotBeReadIsAFault) {
  const Configuration defaults;
  for (const char* file : {"/nowhere/wscast.toml", "/"}) {
    const auto faults = read_config_file(file, defaults.table()).faults;
    ASSERT_EQ(faults.size(), 1u);
    EXPECT_EQ(faults[0].text(), std::string(file) + ": cannot be read");
  }
}

}  // namespace
}  // namespace wscast::program
