#pragma once

#include <string>
#include <vector>

#include "help/command.h"

namespace wscast::program {

/// Scripts that complete the command line of a program in a shell: commands, flags, the choices of
/// a value, and files where a value is a file.
std::string bash_completion(const Command& program);
std::string fish_completion(const Command& program);
std::string zsh_completion(const Command& program);

/// The program and all commands below it, each before those below itself. A command that takes the
/// flags of its parent has them among its own.
std::vector<Command> all_commands(const Command& program);

/// `text` in single quotes, as bash and zsh have them.
std::string shell_quoted(const std::string& text);

/// The texts with spaces between them.
std::string spaced(const std::vector<std::string>& texts);

/// The names of the commands right below a command.
std::vector<std::string> names_below(const Command& command);

}  // namespace wscast::program
