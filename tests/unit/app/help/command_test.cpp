#include "help/command.h"

#include <stdexcept>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include "help/completion.h"
#include "help/examples.h"

namespace wscast::program {
namespace {

using Texts = std::vector<std::string>;

TEST(Command, HasWhatHelpHas) {
  CLI::App app{"wscast: messages", "wscast"};
  std::string file = "a.toml";
  bool loud = false;
  app.add_flag("-l,--loud", loud, "Be loud");
  app.add_option("file", file, "The file")->type_name("FILE")->required()->capture_default_str();
  app.add_option("--hidden", file, "")->group("");
  app.add_subcommand("serve", "Serve clients");
  app.footer("Try it");
  const Command command = describe(app);
  EXPECT_EQ(command.path, "wscast");
  EXPECT_EQ(command.help, "messages");
  EXPECT_EQ(command.note, "Try it");
  EXPECT_EQ(command.example, "");
  ASSERT_EQ(command.options.size(), 3u);
  EXPECT_TRUE(command.options[0].is_positional());
  EXPECT_TRUE(command.options[0].required);
  EXPECT_EQ(command.options[0].type, "FILE");
  EXPECT_EQ(command.options[0].default_text, "a.toml");
  EXPECT_EQ(command.options[1].flags, (Texts{"-h", "--help"}));
  EXPECT_EQ(command.options[2].flags, (Texts{"-l", "--loud"}));
  EXPECT_EQ(command.options[2].type, "");
  ASSERT_EQ(command.commands.size(), 1u);
  EXPECT_EQ(command.commands[0].path, "wscast serve");
  EXPECT_EQ(command.commands[0].name(), "serve");
}

TEST(Command, TakesTheFlagsOfItsParentOnce) {
  CLI::App app{"", "wscast"};
  bool loud = false;
  app.add_flag("--loud", loud);
  app.add_subcommand("room", "")->fallthrough();
  app.add_subcommand("other", "");
  const auto commands = all_commands(describe(app));
  ASSERT_EQ(commands.size(), 3u);
  ASSERT_EQ(commands[1].options.size(), 2u);
  EXPECT_EQ(commands[1].options[0].flags, (Texts{"-h", "--help"}));
  EXPECT_EQ(commands[1].options[1].flags, Texts{"--loud"});
  EXPECT_EQ(commands[2].options.size(), 1u);
}

TEST(Command, TheExampleStandsApartFromTheNote) {
  CLI::App app{"", "wscast"};
  app.add_subcommand("serve", "")->footer("A note");
  app.add_subcommand("man", "");
  add_examples(app);
  const Command program = describe(app);
  EXPECT_EQ(program.note, "");
  EXPECT_EQ(program.example, "wscast serve --dev");
  EXPECT_EQ(program.commands[0].note, "A note");
  EXPECT_EQ(program.commands[0].example, "wscast serve --dev --listen 127.0.0.1:8080");
  EXPECT_EQ(program.commands[1].note, "");
  CLI::App unknown{"", "unknown"};
  EXPECT_THROW(add_examples(unknown), std::logic_error);
}

TEST(Command, OnlyTypesWithoutCapitalsAreChoices) {
  EXPECT_EQ(choices_of("text,json"), (Texts{"text", "json"}));
  EXPECT_EQ(choices_of("1.2,1.3"), (Texts{"1.2", "1.3"}));
  for (const char* type : {"", "N", "A,B,...", "DURATION|forever", "FILE"}) {
    EXPECT_EQ(choices_of(type), Texts{}) << type;
  }
}

TEST(Completion, QuotesForShells) {
  EXPECT_EQ(shell_quoted("it's $x"), "'it'\\''s $x'");
}

}  // namespace
}  // namespace wscast::program
