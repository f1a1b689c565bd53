#include "config_command.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "config/config_writer.h"
#include "exit_code.h"
#include "one_line.h"

namespace wscast::program {
namespace {

constexpr std::size_t kSecretBytes = 32;

/// Random letters and digits, `kSecretBytes` bytes' worth.
std::string random_secret() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device random;  // The kernel's.
  std::string out;
  for (std::size_t i = 0; i < 2 * kSecretBytes; ++i) out += digits[random() % digits.size()];
  return out;
}

[[noreturn]] void fail(const std::string& file, int error) {
  throw std::runtime_error(file + ": " + std::generic_category().message(error));
}

/// Writes a file that its owner alone may read, since it has a secret.
void write_file(const std::string& file, std::string_view content, bool force) {
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL);
  constexpr unsigned mode = 0600;
  const int descriptor = ::open(file.c_str(), flags, mode);
  if (descriptor < 0 && errno == EEXIST) {
    throw std::runtime_error(file + " exists: write over it with --force");
  }
  if (descriptor < 0) fail(file, errno);
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0) {
      const int error = errno;
      ::close(descriptor);
      fail(file, error);
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  ::close(descriptor);
}

int print_faults(const Configuration& configuration) {
  for (const Fault& fault : configuration.faults()) {
    std::cerr << "wscast: " << fault.text() << "\n";
  }
  for (const auto& warning : configuration.warnings()) {
    std::cerr << "wscast: warning: " << one_line(warning) << "\n";
  }
  return configuration.faults().empty() ? kDone : kFailed;
}

int check(const std::string& file) {
  const Configuration configuration({.file = file});
  const int result = print_faults(configuration);
  if (result == 0) std::cout << file << " is valid" << std::endl;
  return result;
}

int init(const ConfigArguments& arguments) {
  write_file(arguments.file, initial_config(random_secret()), arguments.force);
  std::cout << "wrote " << arguments.file << "; to start: wscast serve --config " << arguments.file
            << std::endl;
  return 0;
}

int show(const ConfigurationSources& sources) {
  const Configuration configuration(sources);
  std::cout << shown_config(configuration);
  return print_faults(configuration);
}

}  // namespace

void add_config_flags(CLI::App& app, ConfigArguments& arguments) {
  using Action = ConfigArguments::Action;
  app.require_subcommand(1);
  const auto action = [&app, &arguments](const char* name, const char* help, Action then) {
    auto* command = app.add_subcommand(name, help);
    command->callback([&arguments, then] { arguments.action = then; });
    return command;
  };
  auto* check = action("check", "List everything that is wrong with a file", Action::check);
  check->add_option("file", arguments.file, "The file")->type_name("FILE")->capture_default_str();
  auto* init = action("init", "Write a commented file to start with", Action::init);
  init->add_option("file", arguments.file, "The file")->type_name("FILE")->capture_default_str();
  init->add_flag("--force", arguments.force, "Write over a file that exists");
  auto* show =
      action("show", "Print what is in force, and where each value comes from", Action::show);
  add_configuration_flags(*show, arguments.sources);
  action("reference", "Print the reference of all options, as Markdown", Action::reference);
}

int run_config(const ConfigArguments& arguments) {
  switch (arguments.action) {
    case ConfigArguments::Action::check:
      return check(arguments.file);
    case ConfigArguments::Action::init:
      return init(arguments);
    case ConfigArguments::Action::show:
      return show(arguments.sources);
    case ConfigArguments::Action::reference:
      std::cout << config_reference();
      return 0;
    case ConfigArguments::Action::none:
      break;
  }
  return 0;
}

}  // namespace wscast::program
