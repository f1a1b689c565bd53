#pragma once

#include "bench/bench_arguments.h"

namespace wscast::program {

/// Has one client do what all are to: connect, authenticate, join the room. Throws BenchFailure
/// that says what stands in the way, which thousands of clients could not say as well. Other
/// protocols than the own one are not tried.
void check_server(const BenchPlan& plan);

}  // namespace wscast::program
