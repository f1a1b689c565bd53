// Loads of single benchmarks, which judge a server rather than measure it. See docs/benchmarks.md.

#include <cstdio>
#include <exception>

#include "wscast/descriptor_limit.h"

#include "arguments.h"
#include "load.h"

int main(int count, char** values) {
  using namespace wscast::bench;
  const auto arguments = parse_arguments({values, static_cast<std::size_t>(count)});
  if (!arguments) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  wscast::raise_descriptor_limit();
  try {
    if (arguments->mode == "attack") run_attack(*arguments);
    if (arguments->mode == "soak") run_soak(*arguments);
    if (arguments->mode == "cluster") run_cluster(*arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-driver: %s\n", error.what());
    return 1;
  }
}
