#pragma once

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// Adds the former names of flags of `serve` to `app`, hidden from --help: each ends the parsing
/// with an error that names the flag of today. Add them first: the first error is the one reported.
void add_renamed_flags(CLI::App& app);

}  // namespace wscast::program
