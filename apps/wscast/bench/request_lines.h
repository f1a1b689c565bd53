#pragma once

#include <functional>
#include <string>

namespace wscast::program {

/// The lines of standard input, each of which asks for one more measurement. One thread.
class RequestLines {
 public:
  /// Waits for the next line, and calls `goes_on` each second, and after a signal. Returns false
  /// when there is no line any more, or that returned false.
  bool next(const std::function<bool()>& goes_on);

 private:
  std::size_t waiting_ = 0;  ///< Lines that have come.
};

}  // namespace wscast::program
