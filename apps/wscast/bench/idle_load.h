#pragma once

#include "bench/bench_arguments.h"
#include "bench/bench_result.h"
#include "bench/run_control.h"

namespace wscast::program {

/// Connects clients that then say nothing but heartbeats, for the time of the plan; with --pid,
/// measures the server's memory before and after. The first 200 come and go before that, so that
/// what a server makes once does not count. At the end each authenticated client has the server say
/// that it still knows it; throws BenchFailure when a connection has ended.
BenchResult run_idle(const BenchPlan& plan, RunControl& control);

}  // namespace wscast::program
