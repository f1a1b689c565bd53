#include "net/fd.h"

#include <unistd.h>

namespace wscast::net {

void Fd::close() noexcept {
  const int descriptor = std::exchange(descriptor_, -1);
  if (descriptor >= 0) ::close(descriptor);
}

}  // namespace wscast::net
