#include "base/thread.h"

#include <pthread.h>
#include <string>
#include <system_error>
#include <utility>

#include "base/signals.h"

namespace wscast {
namespace {

/// A new thread inherits the mask: blocked before it is made, it takes none from its first
/// instruction on.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    const sigset_t signals = signals_of_the_program();
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
