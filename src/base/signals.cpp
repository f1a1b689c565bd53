#include "base/signals.h"

#include <pthread.h>
#include <signal.h>

namespace wscast {

void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace wscast
