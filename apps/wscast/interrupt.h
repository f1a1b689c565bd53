#pragma once

namespace wscast::program {

/// Lets SIGINT and SIGTERM end a loop: the first makes fd() readable, a second one ends the process
/// at once with exit code 130. One in a process.
class Interrupt {
 public:
  /// Throws std::system_error when there is no descriptor left.
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  int fd() const;
  bool asked() const;
};

}  // namespace wscast::program
