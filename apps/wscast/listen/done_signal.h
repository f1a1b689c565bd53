#pragma once

namespace wscast::program {

/// A descriptor that can be read once something is done. Any thread.
class DoneSignal {
 public:
  /// Throws std::system_error when there is no descriptor left.
  DoneSignal();
  ~DoneSignal();
  DoneSignal(const DoneSignal&) = delete;
  DoneSignal& operator=(const DoneSignal&) = delete;

  int fd() const { return fd_; }
  void set() const;

 private:
  const int fd_;
};

}  // namespace wscast::program
