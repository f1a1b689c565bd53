#pragma once

#include <string>

#include "help/command.h"

namespace wscast::program {

/// The page of the manual of the whole program: its commands, each of which has a page, too.
std::string program_page(const Command& program);

/// The page of one of its commands, and of the commands below it.
std::string command_page(const Command& command);

/// What the page of a command is called, such as `wscast-serve`.
std::string page_name(const Command& command);

}  // namespace wscast::program
