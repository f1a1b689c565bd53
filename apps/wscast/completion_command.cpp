#include "completion_command.h"

#include <iostream>

#include <CLI/CLI.hpp>

#include "flags.h"
#include "help/completion.h"

namespace wscast::program {

void add_completion_flags(CLI::App& app, CompletionArguments& arguments) {
  Flags(app, "Options")
      .choice("shell", arguments.shell, {"bash", "zsh", "fish"}, "The shell that reads it");
  app.get_option("shell")->required();
}

int print_completion(const CLI::App& program, const CompletionArguments& arguments) {
  const Command command = describe(program);
  std::cout << (arguments.shell == "bash"  ? bash_completion(command)
                : arguments.shell == "zsh" ? zsh_completion(command)
                                           : fish_completion(command));
  return 0;
}

}  // namespace wscast::program
