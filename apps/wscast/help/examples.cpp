#include "help/examples.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <CLI/CLI.hpp>

namespace wscast::program {
namespace {

struct Example {
  std::string_view path;
  std::string_view line;
};

constexpr std::array kExamples = std::to_array<Example>({
    {"wscast", "wscast serve --dev"},
    {"wscast serve", "wscast serve --dev --listen 127.0.0.1:8080"},
    {"wscast config", "wscast config init wscast.toml"},
    {"wscast config init", "wscast config init wscast.toml"},
    {"wscast config check", "wscast config check wscast.toml"},
    {"wscast config show", "wscast config show --config wscast.toml"},
    {"wscast config reference", "wscast config reference"},
    {"wscast rules", "wscast rules test --config wscast.toml --user alice --room user-alice"},
    {"wscast rules test", "wscast rules test --config wscast.toml --user alice --room user-alice"},
    {"wscast emit", R"(wscast emit --redis redis://127.0.0.1:6379 room lobby news '{"n":1}')"},
    {"wscast emit room", R"(wscast emit --redis redis://127.0.0.1:6379 room lobby news '{"n":1}')"},
    {"wscast emit client",
     "wscast emit --redis redis://127.0.0.1:6379 client "
     "00000000-0000-4000-8000-000000000000 news 1"},
    {"wscast emit user", "wscast emit --redis redis://127.0.0.1:6379 user alice news '\"hi\"'"},
    {"wscast emit broadcast", "wscast emit --redis redis://127.0.0.1:6379 broadcast news null"},
    {"wscast listen", "wscast listen ws://127.0.0.1:8080/ws --token alice --room lobby"},
    {"wscast publish",
     "wscast publish http://127.0.0.1:9090 --key-file api.key --room lobby --event news "
     R"(--data '{"n":1}')"},
    {"wscast trace", "wscast trace http://127.0.0.1:9090 --key-file api.key --room lobby"},
    {"wscast health", "wscast health --url http://127.0.0.1:8080/health"},
    {"wscast doctor", "wscast doctor --config wscast.toml"},
    {"wscast bench", "wscast bench fanout ws://127.0.0.1:8080/ws --clients 100 --duration 1s"},
    {"wscast token", "wscast token --config wscast.toml --user alice"},
    {"wscast completion", "source <(wscast completion bash)"},
    {"wscast man", "wscast man wscast-serve.1 | man -l -"},
});

}  // namespace

std::string_view example_of(std::string_view path) {
  const auto* found = std::ranges::find(kExamples, path, &Example::path);
  if (found == kExamples.end()) throw std::logic_error(std::string(path) + " has no example");
  return found->line;
}

void add_examples(CLI::App& app, const std::string& above) {
  const std::string path = above + app.get_name();
  std::string note = app.get_footer();
  if (!note.empty()) note += '\n';
  app.footer(note.append(kExampleTitle).append(example_of(path)));
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    add_examples(*command, path + " ");
  }
}

}  // namespace wscast::program
