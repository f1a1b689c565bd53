#include "base/thread.h"

#include <pthread.h>
#include <string>
#include <system_error>
#include <utility>

#include "base/signals.h"

namespace wscast {
namespace {

/// Blocks the program's signals while a thread is created: it inherits the mask, so it never
/// receives one.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    const sigset_t signals = program_signals();
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

std::thread start_thread(std::string_view what, std::function<void()> body) {
  const SignalsBlocked blocked;
  try {
    return std::thread(std::move(body));
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(), "cannot start " + std::string(what));
  }
}

}  // namespace wscast
