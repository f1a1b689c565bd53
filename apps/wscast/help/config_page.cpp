#include "help/config_page.h"

#include "config/config_texts.h"
#include "config/configuration.h"
#include "config/toml_text.h"
#include "help/roff.h"

namespace wscast::program {
namespace {

std::string flags_of(const Option& option) {
  if (option.flag.empty()) return "No flag.";
  std::string out = "Flag: " + roff_bold(option.flag);
  if (!option.off_flag.empty()) out += ", " + roff_bold(option.off_flag);
  return out + ".";
}

std::string entry_of(const Option& option) {
  std::string body = roff(option.help + ".") + "\nDefault: " + roff_bold(toml_of(option.value)) +
                     ".\n" + flags_of(option) + "\nVariable: " + roff_bold(option.variable) + ".";
  if (option.reloadable) body += "\nSIGHUP applies it.";
  return roff_entry(roff_bold(option.name) + " = " + roff_italic(option.value.type), body);
}

}  // namespace

std::string config_page() {
  const Configuration defaults;
  std::string out = roff_title("wscast.toml", 5) + roff_section("NAME") + "wscast.toml \\- " +
                    roff(kConfigTitle) + "\n" + roff_section("DESCRIPTION") +
                    roff(std::string(kConfigTitle) + ", in TOML: " + kConfigUse) + "\n.PP\n" +
                    roff(kConfigOrder) + "\n" + roff_section("OPTIONS");
  for (const OptionSection& section : defaults.table().sections()) {
    out += roff_subsection("[" + section.name + "]") + roff(section.title + ".") + "\n";
    for (const Option& option : defaults.table().options()) {
      if (option.section == section.name) out += entry_of(option);
    }
  }
  return out + roff_section("ROOMS") + roff(kRoomsHelp) + "\n" + roff_example(kRoomsExample) +
         roff_section("SEE ALSO") + roff_bold("wscast") + "(1), " + roff_bold("wscast-config") +
         "(1), " + roff_bold("wscast-serve") + "(1)\n";
}

}  // namespace wscast::program
