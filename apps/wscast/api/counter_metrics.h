#pragma once

#include "wscast/stats.h"

#include "api/metric_writer.h"

namespace wscast::program {

/// Writes a metric for each counter, or one with a label for those whose names begin alike.
void write_counters(MetricWriter& out, const Stats& stats);

}  // namespace wscast::program
