#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "one_line.h"

namespace wscast::program {

/// Something wrong with what was configured.
struct Fault {
  std::string where;  ///< `wscast.toml:12: limits.message_rate`, a variable or a flag; or empty.
  std::string what;
  std::size_t line = 0;  ///< In the file; 0: not there.

  /// In one line, whatever the file has in its texts.
  std::string text() const { return one_line(where.empty() ? what : where + ": " + what); }
};

/// All that is wrong with what was configured.
class ConfigurationError : public std::runtime_error {
 public:
  explicit ConfigurationError(std::vector<Fault> faults)
      : std::runtime_error(faults.front().text()), faults_(std::move(faults)) {}

  const std::vector<Fault>& faults() const { return faults_; }

 private:
  std::vector<Fault> faults_;
};

}  // namespace wscast::program
