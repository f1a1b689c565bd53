#include "renamed_flags.h"

#include <string>

#include <CLI/CLI.hpp>

namespace wscast::program {
namespace {

struct Renamed {
  const char* former;
  const char* current;
};

constexpr Renamed kRenamed[] = {
    {"--inbox-limit", "--max-inbox-bytes"},
    {"--max-connections-an-address", "--max-connections-per-address"},
    {"--max-rooms-a-client", "--max-rooms-per-client"},
    {"--max-rooms-a-join", "--max-rooms-per-join"},
    {"--max-unauthenticated", "--max-unauthenticated-connections"},
};

[[noreturn]] void refuse(const Renamed& flag) {
  throw CLI::ValidationError(std::string(flag.former) + " is called " + flag.current + " now");
}

}  // namespace

void add_renamed_flags(CLI::App& app) {
  for (const Renamed& flag : kRenamed) {
    const auto read = [&flag](const CLI::results_t&) -> bool { refuse(flag); };
    app.add_option(flag.former, CLI::callback_t(read))
        ->expected(0, CLI::detail::expected_max_vector_size)  // With a value, without, repeated.
        ->allow_extra_args(false)
        ->group("");
  }
}

}  // namespace wscast::program
