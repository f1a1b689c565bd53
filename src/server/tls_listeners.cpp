#include "server/tls_listeners.h"

#include <algorithm>
#include <stdexcept>

#include "wscast/option_faults.h"

namespace wscast::server {
namespace {

std::vector<std::string> files_of(const TlsOptions& options) {
  std::vector<std::string> files;
  for (const CertificateFiles& pair : options.certificates) {
    files.push_back(pair.certificate);
    files.push_back(pair.key);
  }
  return files;
}

bool is_watched(const TlsOptions& options) {
  return options.reload_interval.count() > 0 && !options.certificates.empty();
}

}  // namespace

TlsListeners::~TlsListeners() {
  stop();
}

TlsListeners::Listener TlsListeners::make(const TlsOptions& options) {
  Listener made;
  made.stamps = FileStamps::of(files_of(options));  // Before they are read: no change is missed.
  std::vector<std::string> faults;
  made.layer = net::TlsLayer::make(options, shared_, faults);
  if (made.layer == nullptr) {
    for (std::string& fault : faults) {
      if (!fault.starts_with("tls")) fault = "tls.certificates: " + fault + ".";
    }
    throw std::invalid_argument(joined_faults(faults));
  }
  if (is_watched(options)) watch(options.reload_interval);
  return made;
}

void TlsListeners::add(Listener listener, std::string address) {
  listener.address = std::move(address);
  const auto certificates = listener.layer->certificates();
  Lines lines{{LogLevel::info, "certificates_loaded",
               "TLS at " + listener.address + " presents " + certificates->summary()}};
  for (const std::string& warning : certificates->warnings()) {
    lines.push_back({LogLevel::warning, "certificate_warning", listener.address + ": " + warning});
  }
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) listeners_.push_back(std::move(listener));
  }
  log(lines);
}

CertificateReload TlsListeners::reload() {
  return reload_if([](const Listener&) { return true; });
}

CertificateReload TlsListeners::reload_if(const std::function<bool(const Listener&)>& chosen) {
  CertificateReload result;
  Lines lines;
  {
    const std::lock_guard lock(mutex_);
    for (Listener& listener : listeners_) {
      if (listener.layer->options().self_signed || !chosen(listener)) continue;
      reload(listener, result, lines);
    }
  }
  log(lines);
  return result;
}

/// Files that cannot be used are tried again when they change.
void TlsListeners::reload(Listener& listener, CertificateReload& result, Lines& lines) {
  listener.stamps = FileStamps::of(files_of(listener.layer->options()));
  std::vector<std::string> faults;
  if (listener.layer->reload(faults)) {
    ++result.listeners;
    reloads_.fetch_add(1, std::memory_order_relaxed);
    const auto now = listener.layer->certificates();
    lines.push_back(
        {LogLevel::info, "certificates_reloaded",
         "certificates reloaded, TLS at " + listener.address + " presents " + now->summary()});
    for (const auto& warning : now->warnings()) {
      lines.push_back(
          {LogLevel::warning, "certificate_warning", listener.address + ": " + warning});
    }
    return;
  }
  failures_.fetch_add(1, std::memory_order_relaxed);
  std::string all;
  for (const std::string& fault : faults) {
    result.faults.push_back(listener.address + ": " + fault);
    all += (all.empty() ? "" : "; ") + fault;
  }
  lines.push_back(
      {LogLevel::error, "certificate_reload_failed",
       "certificates not reloaded, TLS at " + listener.address + " keeps its own: " + all});
}

void TlsListeners::log(const Lines& lines) const {
  for (const auto& [level, event, text] : lines) log_(level, event, text);
}

void TlsListeners::watch(std::chrono::milliseconds interval) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  interval_ = interval_.count() == 0 ? interval : std::min(interval_, interval);
  if (watcher_.joinable()) {
    changed_.notify_all();
  } else {
    watcher_ = start_thread_("the thread that watches certificates", [this] { run(); });
  }
}

void TlsListeners::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait_for(lock, interval_);
    if (stopping_) return;
    lock.unlock();
    reload_if([](const Listener& listener) {
      const TlsOptions& options = listener.layer->options();
      return is_watched(options) && FileStamps::of(files_of(options)) != listener.stamps;
    });
    lock.lock();
  }
}

void TlsListeners::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    listeners_.clear();
  }
  changed_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

void TlsListeners::add_to(Stats& stats) const {
  stats.counters[static_cast<std::size_t>(Counter::certificate_reloads)] +=
      reloads_.load(std::memory_order_relaxed);
  stats.counters[static_cast<std::size_t>(Counter::certificate_reload_failures)] +=
      failures_.load(std::memory_order_relaxed);
}

}  // namespace wscast::server
