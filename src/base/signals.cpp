#include "base/signals.h"

#include <initializer_list>

namespace wscast {

sigset_t program_signals() {
  sigset_t signals;
  sigfillset(&signals);
  for (const int own :
       {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF, SIGVTALRM}) {
    sigdelset(&signals, own);
  }
  return signals;
}

}  // namespace wscast
