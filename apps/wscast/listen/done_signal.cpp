#include "listen/done_signal.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>
#include <unistd.h>

namespace wscast::program {

DoneSignal::DoneSignal() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

DoneSignal::~DoneSignal() {
  ::close(fd_);
}

void DoneSignal::set() const {
  ::eventfd_write(fd_, 1);
}

}  // namespace wscast::program
