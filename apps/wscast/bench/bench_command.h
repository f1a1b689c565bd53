#pragma once

#include "bench/bench_arguments.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// Adds the flags of `bench` to `app`; `arguments` is filled when it parses, and must outlive it.
void add_bench_flags(CLI::App& app, BenchArguments& arguments);

/// Puts load on a server and prints what was measured. Returns the exit code.
int bench(const BenchArguments& arguments);

}  // namespace wscast::program
