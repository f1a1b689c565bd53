#include "progress.h"

#include <iostream>
#include <unistd.h>

#include "one_line.h"

namespace wscast::program {

Progress::Progress() : shown_(::isatty(STDERR_FILENO) != 0) {}

void Progress::say(const std::string& what) const {
  if (shown_) std::cerr << "wscast: " << one_line(what) << std::endl;
}

bool Progress::due() {
  if (!shown_) return false;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::seconds(1)) return false;
  last_ = now;
  return true;
}

}  // namespace wscast::program
