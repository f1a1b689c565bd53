#include <algorithm>
#include <utility>

#include "wscast/redis.h"

#include "broker/redis/discovery/redis_url.h"
#include "protocol/utf8.h"

namespace wscast {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongest = std::chrono::hours(24 * 366);

class RedisFaults {
 public:
  void check(bool good, std::string sentence) {
    if (!good) sentences_.push_back(std::move(sentence));
  }
  void positive(milliseconds duration, const std::string& name) {
    check(duration > milliseconds(0), name + " must be positive.");
    // A time that lies so far ahead cannot be written down.
    check(duration <= kLongest, name + " must be at most a year.");
  }
  void not_zero(std::size_t size, std::string name) {
    check(size > 0, std::move(name.append(" must not be 0.")));
  }
  std::vector<std::string> take() { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

bool has_control_byte(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// What CLIENT SETNAME takes.
bool is_client_name(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '!' && c <= '~'; });
}

void check_tls(const RedisOptions& options, const redis::RedisUrl& url, RedisFaults& faults) {
  const bool tls = options.tls || url.tls;
  faults.check(!tls || url.hosts.front().port != 0,
               "tls is not for unix://: Redis speaks TLS on TCP only.");
  faults.check(tls || (options.tls_ca_file.empty() && options.tls_certificate_file.empty() &&
                       options.tls_key_file.empty()),
               "tls_ca_file, tls_certificate_file and tls_key_file need rediss:// or tls.");
}

void check_names(const RedisOptions& options, RedisFaults& faults) {
  faults.check(protocol::is_utf8(options.prefix), "prefix must be UTF-8.");
  faults.check(!has_control_byte(options.prefix), "prefix must have no control characters.");
  faults.check(is_client_name(options.client_name),
               "client_name must be printable ASCII without spaces.");
}

void check_durations(const RedisOptions& options, RedisFaults& faults) {
  faults.positive(options.ready_timeout, "ready_timeout");
  faults.positive(options.answer_timeout, "answer_timeout");
  faults.positive(options.probe_interval, "probe_interval");
  faults.positive(options.probe_timeout, "probe_timeout");
  faults.check(
      options.probe_timeout <= milliseconds(0) || options.probe_interval < options.probe_timeout,
      "probe_timeout must be over probe_interval.");
  faults.positive(options.min_reconnect_delay, "min_reconnect_delay");
  faults.positive(options.max_reconnect_delay, "max_reconnect_delay");
  faults.check(options.min_reconnect_delay <= options.max_reconnect_delay,
               "min_reconnect_delay must not be over max_reconnect_delay.");
  faults.check(options.unsubscribe_after >= milliseconds(0),
               "unsubscribe_after must not be negative.");
  faults.check(options.unsubscribe_after <= kLongest, "unsubscribe_after must be at most a year.");
  faults.check(options.startup_wait >= milliseconds(0), "startup_wait must not be negative.");
}

void check_sizes(const RedisOptions& options, RedisFaults& faults) {
  faults.not_zero(options.max_publish_bytes, "max_publish_bytes");
  faults.not_zero(options.max_receive_bytes, "max_receive_bytes");
  faults.not_zero(options.max_unsent_bytes, "max_unsent_bytes");
  faults.check(
      options.max_receive_bytes == 0 || options.max_receive_bytes >= options.max_publish_bytes,
      "max_receive_bytes must not be under max_publish_bytes: servers would drop what others "
      "sent.");
  faults.check(
      options.max_unsent_bytes == 0 || options.max_unsent_bytes >= options.max_publish_bytes,
      "max_unsent_bytes must not be under max_publish_bytes: a long message could never go.");
}

}  // namespace

std::vector<std::string> RedisOptions::validate() const {
  RedisFaults faults;
  std::string url_fault;
  const auto parsed = redis::parse_redis_url(url, url_fault);
  faults.check(parsed.has_value(), url_fault);
  if (parsed) check_tls(*this, *parsed, faults);
  faults.check(tls_certificate_file.empty() == tls_key_file.empty(),
               "tls_certificate_file and tls_key_file need each other.");
  check_names(*this, faults);
  check_durations(*this, faults);
  check_sizes(*this, faults);
  return faults.take();
}

}  // namespace wscast
