#include "signals.h"

#include <unistd.h>
#include <utility>

#include "exit_code.h"
#include "logging.h"

namespace wscast::program {

Signals::Signals() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  thread_ = std::thread([this] { run(); });
}

Signals::~Signals() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  pthread_kill(thread_.native_handle(), SIGHUP);
  thread_.join();
}

void Signals::on_end(std::function<void(End)> end) {
  const std::lock_guard lock(mutex_);
  end_ = std::move(end);
}

void Signals::on_reload(std::function<void()> reload) {
  const std::lock_guard lock(mutex_);
  reload_ = std::move(reload);
}

bool Signals::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void Signals::run() {
  while (true) {
    int signal = 0;
    sigwait(&signals_, &signal);
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    if (signal == SIGHUP) {
      handle_reload();
    } else {
      handle_end(signal == SIGTERM ? End::gently : End::soon);
    }
  }
}

void Signals::handle_reload() const {
  std::function<void()> reload;
  {
    const std::lock_guard lock(mutex_);
    reload = reload_;
  }
  if (reload) return reload();
  log_line(LogLevel::warning, "reload_ignored",
           "SIGHUP ignored: there is nothing to reload; restart instead");
}

void Signals::handle_end(End how) {
  std::function<void(End)> end;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) {
      release_log();
      _exit(kEndedAtOnce);
    }
    end = end_;
  }
  log_line(LogLevel::info, "shutting_down", "shutting down");
  if (end) return end(how);
  release_log();
  _exit(kDone);
}

}  // namespace wscast::program
