#include "config/configuration.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include "config/config_writer.h"

namespace wscast::program {
namespace {

/// A file that is removed at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content)
      : path_(std::filesystem::temp_directory_path() /
              ("wscast-config-" + std::to_string(::getpid()) + ".toml")) {
    std::ofstream(path_) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// A variable of the environment that is gone at the end.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_.c_str()); }

 private:
  std::string name_;
};

ConfigurationSources parsed(const std::vector<std::string>& arguments) {
  CLI::App app;
  ConfigurationSources sources;
  add_configuration_flags(app, sources);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  app.parse(reversed);
  return sources;
}

/// A text that the option accepts and that is not its default.
std::string sample(const Option& option) {
  const std::string& type = option.value.type;
  const auto now = option.value.write();
  if (type == "BOOLEAN") return now.front() == "true" ? "false" : "true";
  if (type.starts_with("DURATION")) return now.front() == "7s" ? "8s" : "7s";
  if (type == "SIZE") return now.front() == "3KiB" ? "4KiB" : "3KiB";
  if (type == "N") return now.front() == "9" ? "10" : "9";
  if (type == "MODE") return "0640";
  if (const auto comma = type.find(','); comma != std::string::npos && type != "A,B,...") {
    return type.substr(type.rfind(',') + 1);
  }
  return "x" + option.name;
}

std::string quoted(const Option& option, const std::string& text) {
  const bool bare =
      option.value.kind == Value::Kind::number || option.value.kind == Value::Kind::boolean;
  return bare ? text : "\"" + text + "\"";
}

/// The texts of the option in a configuration.
std::vector<std::string> in(const Configuration& configuration, const Option& option) {
  return configuration.table().find(option.path())->value.write();
}

TEST(Configuration, EachOptionIsSetByTheFileAVariableAndAFlag) {
  const Configuration defaults;
  for (const Option& option : defaults.table().options()) {
    SCOPED_TRACE(option.path());
    const std::string text = sample(option);
    const std::vector<std::string> expected{text};
    ASSERT_NE(in(defaults, option), expected);
    {
      const TemporaryFile file("[" + option.section + "]\n" + option.name + " = " +
                               quoted(option, text) + "\n");
      const Configuration by_file({.file = file.path()});
      EXPECT_EQ(in(by_file, option), expected);
      EXPECT_EQ(by_file.origin(option), file.path() + ":2");
    }
    {
      const Variable variable(option.variable, text);
      const Configuration by_variable(ConfigurationSources{});
      EXPECT_EQ(in(by_variable, option), expected);
      EXPECT_EQ(by_variable.origin(option), option.variable);
    }
    if (option.flag.empty()) continue;
    const std::string flag =
        text == "false" && !option.off_flag.empty() ? option.off_flag : option.flag;
    const bool boolean = option.value.kind == Value::Kind::boolean;
    const Configuration by_flag(
        parsed(boolean ? std::vector<std::string>{flag} : std::vector<std::string>{flag, text}));
    EXPECT_EQ(in(by_flag, option), expected);
    EXPECT_EQ(by_flag.origin(option), flag);
  }
}

TEST(Configuration, FlagsOverrideTheEnvironmentAndThatTheFile) {
  const TemporaryFile file("[limits]\nmessage_rate = 1\njoin_rate = 1\nmax_connections = 1\n");
  const Variable rate("WSCAST_LIMITS_MESSAGE_RATE", "2");
  const Variable joins("WSCAST_LIMITS_JOIN_RATE", "2");
  auto sources = parsed({"--message-rate", "3"});
  sources.file = file.path();
  const Configuration configuration(sources);
  EXPECT_EQ(configuration.arguments().options.session.message_rate, 3u);
  EXPECT_EQ(configuration.arguments().options.session.join_rate, 2u);
  EXPECT_EQ(configuration.arguments().options.transport.max_connections, 1u);
}

TEST(Configuration, NamesAndFlagsAndVariablesAreUnique) {
  const Configuration defaults;
  std::vector<std::string> names;
  for (const Option& option : defaults.table().options()) {
    for (const auto& name : {option.path(), option.flag, option.off_flag, option.variable}) {
      if (!name.empty()) names.push_back(name);
    }
    EXPECT_FALSE(option.help.empty()) << option.path();
  }
  auto unique = names;
  std::ranges::sort(unique);
  const auto twice = std::ranges::adjacent_find(unique);
  EXPECT_EQ(twice, unique.end()) << *twice;
}

TEST(Configuration, ListsEverythingThatIsWrongInOrder) {
  const TemporaryFile file(
      "[limits]\nmessage_rate = \"x\"\nfoo = 1\n[server]\npath = \"\"\nunix_mode = \"0660\"\n");
  const Configuration configuration({.file = file.path()});
  std::vector<std::string> texts;
  for (const Fault& fault : configuration.faults()) texts.push_back(fault.text());
  ASSERT_EQ(texts.size(), 5u);
  EXPECT_EQ(texts[0], file.path() + ":2: limits.message_rate: \"x\" is not a number, such as 100");
  EXPECT_EQ(texts[1], file.path() + ":3: limits.foo: is no option");
  EXPECT_NE(texts[2].find("serve needs auth.tokens_file FILE"), std::string::npos) << texts[2];
  EXPECT_EQ(texts[3], "server.unix_mode needs server.listen unix:PATH");
  EXPECT_NE(texts[4].find("path"), std::string::npos) << texts[4];
}

TEST(Configuration, ASecretCanComeFromAFile) {
  const TemporaryFile secret("redis://:pa55@127.0.0.1\n");
  const Configuration configuration(parsed({"--redis-url-file", secret.path()}));
  EXPECT_EQ(configuration.arguments().redis.url, "redis://:pa55@127.0.0.1");
  const Configuration both(
      parsed({"--dev", "--redis-url-file", secret.path(), "--redis", "redis://127.0.0.1"}));
  ASSERT_FALSE(both.faults().empty());
  EXPECT_EQ(both.faults()[0].text(), "redis.url and redis.url_file exclude each other");
}

TEST(Configuration, SecretsAreNotShown) {
  const Variable url("WSCAST_REDIS", "redis://:pa55@127.0.0.1");
  const std::string shown = shown_config(Configuration(ConfigurationSources{}));
  EXPECT_EQ(shown.find("pa55"), std::string::npos);
  EXPECT_NE(shown.find("url = \"********\"  # WSCAST_REDIS\n"), std::string::npos);
}

TEST(Configuration, WhatInitWritesIsValidAndChangesNothingElse) {
  const TemporaryFile file(initial_config("0123456789abcdef0123456789abcdef"));
  const Configuration configuration({.file = file.path()});
  for (const Fault& fault : configuration.faults()) ADD_FAILURE() << fault.text();
  EXPECT_EQ(configuration.arguments().rooms.size(), 2u);
}

TEST(Configuration, AMisspeltVariableIsMentioned) {
  const Variable variable("WSCAST_LOG_LEVLE", "debug");
  const auto warnings = Configuration(ConfigurationSources{}).warnings();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0],
            "the variable WSCAST_LOG_LEVLE is no option, did you mean WSCAST_LOG_LEVEL?");
}

}  // namespace
}  // namespace wscast::program
