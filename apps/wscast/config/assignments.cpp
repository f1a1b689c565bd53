#include "config/assignments.h"

#include <stdexcept>

namespace wscast::program {
namespace {

/// Where a fault is: a line of the file says nothing without the option.
std::string place_of(const Assignment& assignment, const Option& option) {
  const std::string& origin = assignment.origin;
  const bool named =
      origin == option.flag || origin == option.off_flag || origin == option.variable;
  return named ? origin : origin + ": " + option.path();
}

}  // namespace

std::vector<Fault> assign(const Assignments& assignments, const OptionTable& table) {
  std::vector<Fault> faults;
  for (const auto& [path, assignment] : assignments) {
    const Option& option = *table.find(path);
    try {
      option.value.read(assignment.texts);
    } catch (const std::invalid_argument& error) {
      faults.push_back(
          {.where = place_of(assignment, option), .what = error.what(), .line = assignment.line});
    }
  }
  return faults;
}

}  // namespace wscast::program
