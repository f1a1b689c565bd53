#include "man_command.h"

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <vector>

#include <CLI/CLI.hpp>

#include "flags.h"
#include "help/command_page.h"
#include "help/config_page.h"

namespace wscast::program {
namespace {

struct Page {
  std::string name;
  std::string text;
};

std::vector<Page> pages_of(const Command& program) {
  std::vector<Page> out{{.name = page_name(program) + ".1", .text = program_page(program)}};
  for (const Command& command : program.commands) {
    out.push_back({.name = page_name(command) + ".1", .text = command_page(command)});
  }
  out.push_back({.name = "wscast.toml.5", .text = config_page()});
  return out;
}

}  // namespace

void add_man_flags(CLI::App& app, ManArguments& arguments) {
  Flags(app, "Options")
      .text("page", arguments.page, "PAGE", "Such as wscast-serve.1; none: list the pages");
}

int print_page(const CLI::App& program, const ManArguments& arguments) {
  const std::vector<Page> pages = pages_of(describe(program));
  if (arguments.page.empty()) {
    for (const Page& page : pages) std::cout << page.name << "\n";
    return 0;
  }
  const auto found = std::ranges::find(pages, arguments.page, &Page::name);
  if (found == pages.end()) {
    throw std::invalid_argument("\"" + arguments.page + "\" is no page: wscast man lists them");
  }
  std::cout << found->text;
  return 0;
}

}  // namespace wscast::program
