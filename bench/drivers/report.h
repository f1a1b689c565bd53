#pragma once

#include <cstdint>
#include <initializer_list>

namespace wscast::bench {

/// One number of a report. The name needs no escapes.
struct Figure {
  const char* name;
  std::uint64_t value;
};

/// Prints a line at once, for whoever waits for it.
void print_line(const char* line);

/// Prints a JSON object in one line, in the order given.
void print_report(std::initializer_list<Figure> figures);

}  // namespace wscast::bench
