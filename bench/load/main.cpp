// Drives a WebSocket server and measures what that costs the server. See docs/benchmarks.md.

#include <cstdio>
#include <exception>

#include "arguments.h"
#include "descriptor_limit.h"
#include "load.h"

int main(int count, char** values) {
  using namespace wscast::bench;
  const auto arguments = parse_arguments({values, static_cast<std::size_t>(count)});
  if (!arguments) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  raise_descriptor_limit();
  try {
    if (arguments->mode == "echo" || arguments->mode == "app-echo") run_echo(*arguments);
    if (arguments->mode == "fanout") run_fanout(*arguments);
    if (arguments->mode == "idle") run_idle(*arguments);
    if (arguments->mode == "redis") run_redis(*arguments);
    if (arguments->mode == "paced") run_paced(*arguments);
    if (arguments->mode == "attack") run_attack(*arguments);
    if (arguments->mode == "soak") run_soak(*arguments);
    if (arguments->mode == "cluster") run_cluster(*arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load: %s\n", error.what());
    return 1;
  }
}
