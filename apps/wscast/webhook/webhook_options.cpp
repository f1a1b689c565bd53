#include "webhook/webhook_options.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "http_client/http_client.h"
#include "http_client/http_url.h"
#include "one_line.h"
#include "quantity.h"
#include "webhook/signature.h"

namespace wscast::program {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 8> kNames = {"connected",     "disconnected", "message",
                                                    "publish",       "joined",       "left",
                                                    "room_occupied", "room_vacated"};

constexpr milliseconds kMinute{60'000};
constexpr milliseconds kHour = 60 * kMinute;
constexpr std::size_t kMiB = 1024 * 1024;
constexpr std::size_t kMaxQueueEvents = 100'000'000;

/// Collects what is wrong, one sentence each.
class Faults {
 public:
  void size(const char* name, std::size_t value, std::size_t least, std::size_t most) {
    if (value >= least && value <= most) return;
    add(std::string(name) + ": must be " + size_text(least) + " to " + size_text(most) + ".");
  }

  void duration(const char* name, milliseconds value, milliseconds least, milliseconds most) {
    if (value >= least && value <= most) return;
    add(std::string(name) + ": must be " + duration_text(least) + " to " + duration_text(most) +
        ".");
  }

  void add(std::string sentence) { sentences_.push_back(std::move(sentence)); }
  void add(std::vector<std::string> sentences) {
    std::ranges::move(sentences, std::back_inserter(sentences_));
  }

  std::vector<std::string> sentences() && { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

}  // namespace

std::span<const std::string_view> webhook_event_names() {
  return kNames;
}

std::string_view name_of(WebhookEventType type) {
  return kNames[static_cast<std::size_t>(type)];
}

std::optional<WebhookEventType> webhook_event_of(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<WebhookEventType>(found - kNames.begin());
}

std::vector<std::string> WebhookOptions::validate() const {
  Faults faults;
  if (!is_http_url(url, UrlUser::allowed))
    faults.add("url: must begin with https:// or http:// and be a URL without a fragment.");
  faults.add(webhook_secrets_faults(secrets));
  faults.add(HttpClientOptions{.ca_file = ca_file}.validate());
  for (const auto& type : types) {
    if (!webhook_event_of(type)) faults.add("types: \"" + one_line(type) + "\" is no event.");
  }
  if (types.empty()) faults.add("types: must name an event.");
  faults.size("max_batch_events", max_batch_events, 1, 10'000);
  faults.size("max_batch_bytes", max_batch_bytes, 1024, 64 * kMiB);
  faults.size("max_queue_events", max_queue_events, 1, kMaxQueueEvents);
  faults.size("max_queue_bytes", max_queue_bytes, 64 * 1024, 1024 * 1024 * kMiB);
  faults.duration("max_delay", max_delay, milliseconds(0), kMinute);
  faults.duration("timeout", timeout, milliseconds(1), 10 * kMinute);
  faults.duration("first_retry", first_retry, milliseconds(1), kHour);
  faults.duration("longest_retry", longest_retry, first_retry, kHour);
  faults.duration("max_age", max_age, milliseconds(1'000), 7 * 24 * kHour);
  faults.duration("drain_time", drain_time, milliseconds(0), 10 * kMinute);
  return std::move(faults).sentences();
}

}  // namespace wscast::program
