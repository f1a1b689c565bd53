#pragma once

#include <stdexcept>
#include <string>

#include "exit_code.h"

namespace wscast::program {

/// Ends a benchmark without a result; what() says why, in the words of a person who starts it.
class BenchFailure : public std::runtime_error {
 public:
  BenchFailure(ExitCode code, const std::string& why) : std::runtime_error(why), code_(code) {}

  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace wscast::program
