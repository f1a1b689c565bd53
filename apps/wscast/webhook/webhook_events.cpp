#include "webhook/webhook_events.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "http_client/http_client.h"
#include "http_client/http_url.h"
#include "http_client/jitter.h"
#include "json_writer.h"
#include "logging.h"
#include "loss_report.h"
#include "validated.h"
#include "webhook/signed_request.h"

namespace wscast::program {
namespace {

using Clock = std::chrono::steady_clock;
using Result = EventDelivery::Result;

constexpr std::size_t kMaxResponseBytes = 64 * 1024;  // It is not used.

unsigned bit(WebhookEventType type) {
  return 1U << static_cast<unsigned>(type);
}

unsigned bits_of(const std::vector<std::string>& types) {
  unsigned bits = 0;
  for (const auto& type : types) bits |= bit(*webhook_event_of(type));
  return bits;
}

std::shared_ptr<HttpClient> make_client(const WebhookOptions& options) {
  return std::make_shared<HttpClient>(
      HttpClientOptions{.max_under_way = 1, .max_waiting = 1, .ca_file = options.ca_file});
}

Result result_of(const HttpResult& result) {
  const auto* response = std::get_if<HttpResponse>(&result);
  if (response == nullptr) {
    return std::get<HttpError>(result).cancelled ? Result::abandoned : Result::failed;
  }
  if (response->status == 410) return Result::gone;
  return response->status >= 200 && response->status < 300 ? Result::accepted : Result::failed;
}

/// Why the attempt failed, in one sentence.
std::string reason_of(const HttpResult& result, const std::string& url) {
  if (const auto* error = std::get_if<HttpError>(&result)) return error->what;
  return url + ": status " + std::to_string(std::get<HttpResponse>(result).status);
}

/// `Retry-After` counts with these only (RFC 9110 section 10.2.3, RFC 6585 section 4).
std::optional<std::chrono::seconds> retry_after_of(const HttpResult& result) {
  const auto* response = std::get_if<HttpResponse>(&result);
  if (response == nullptr || (response->status != 429 && response->status != 503)) {
    return std::nullopt;
  }
  return response->retry_after;
}

}  // namespace

/// What the thread, the callers and the result of a request share.
class WebhookEvents::Sender : public std::enable_shared_from_this<Sender> {
 public:
  explicit Sender(const WebhookOptions& options)
      : options_(options),
        client_(make_client(options)),
        signer_(std::make_unique<WebhookSigner>(options.secrets)),
        delivery_(
            options, [this] { return batch_ids_.next(); }, random_jitter()),
        types_(bits_of(options.types)) {}

  bool wants(WebhookEventType type) const {
    return (types_.load(std::memory_order_relaxed) & bit(type)) != 0;
  }

  /// The members that every event has.
  JsonObjectWriter event(WebhookEventType type) {
    JsonObjectWriter writer;
    writer.text("id", event_ids_.next()).text("type", name_of(type));
    writer.text("timestamp", utc_text(std::chrono::system_clock::now()));
    return writer;
  }

  void push(JsonObjectWriter& event) {
    std::string json = event.finish();
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      if (ending_) return;
      const auto before = delivery_.due();
      delivery_.push(std::move(json), Clock::now());
      wake = delivery_.due() != before;
    }
    if (wake) changed_.notify_all();
  }

  void reload(const WebhookOptions& options) {
    auto signer = std::make_unique<WebhookSigner>(options.secrets);
    auto client = make_client(options);
    {
      const std::lock_guard lock(mutex_);
      client_.swap(client);
      options_ = options;
      signer_ = std::move(signer);
      types_ = bits_of(options.types);
      delivery_.set_options(options);
    }
    changed_.notify_all();
  }  // Here the former client cancels its request, without the lock.

  /// The thread.
  void run() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
      const auto now = Clock::now();
      if (const auto losses = losses_.take(lost(), now)) {
        report(losses, lock);
      } else if (const EventBatch* batch = delivery_.start(now)) {
        send(*batch, lock);
      } else {
        wait(lock);
      }
    }
  }

  /// Returns when all is sent or the time is up.
  void drain() {
    std::unique_lock lock(mutex_);
    ending_ = true;
    delivery_.drain();
    changed_.notify_all();
    changed_.wait_for(lock, options_.drain_time, [this] { return delivery_.pending() == 0; });
    ended_ = true;
    changed_.notify_all();
    report(losses_.take_rest(lost()), lock);
    if (delivery_.pending() == 0) return;
    log_line(LogLevel::warning, "webhook_events_lost",
             "webhook: the program ends, " + std::to_string(delivery_.pending()) +
                 " events were not delivered to " + shown_url(options_.url));
  }

  /// Cancels the request under way; the thread must have ended. A request holds this object, so it
  /// cannot be left to the destructor.
  void close() { client_.reset(); }

  EventDeliveryCounts counts() const {
    const std::lock_guard lock(mutex_);
    return delivery_.counts();
  }

  Distribution requests_ns() const {
    const std::lock_guard lock(mutex_);
    return delivery_.requests_ns();
  }

  std::size_t pending() const {
    const std::lock_guard lock(mutex_);
    return delivery_.pending();
  }

 private:
  void wait(std::unique_lock<std::mutex>& lock) {
    auto until = losses_.due();
    if (const auto due = delivery_.due()) until = std::min(until.value_or(*due), *due);
    if (until) {
      changed_.wait_until(lock, *until);
    } else {
      changed_.wait(lock);
    }
  }

  /// Submits without the lock: the result may come during the call.
  void send(const EventBatch& batch, std::unique_lock<std::mutex>& lock) {
    HttpRequest request = signed_request(options_.url, *signer_, batch.id, batch.body,
                                         std::chrono::system_clock::now());
    request.timeout = options_.timeout;
    request.max_response_bytes = kMaxResponseBytes;
    auto client = client_;
    lock.unlock();
    client->submit(std::move(request),
                   [self = shared_from_this()](const HttpResult& result) { self->finish(result); });
    client.reset();  // It may be the last owner, and then cancels the request.
    lock.lock();
  }

  void finish(const HttpResult& result) {
    const Result what = result_of(result);
    std::string url;
    bool was_failing = false;
    {
      const std::lock_guard lock(mutex_);
      delivery_.finish(what, retry_after_of(result), Clock::now());
      url = shown_url(options_.url);
      was_failing = failing_;
      if (what != Result::abandoned) failing_ = what == Result::failed;
    }
    changed_.notify_all();
    log(what, was_failing, result, url);
  }

  /// One line when deliveries begin to fail, and one when they work again.
  static void log(Result what, bool was_failing, const HttpResult& result, const std::string& url) {
    if (what == Result::accepted && was_failing) {
      log_line(LogLevel::info, "webhook_recovered", "webhook: " + url + " accepts events again");
    }
    if (what == Result::failed && !was_failing) {
      log_line(LogLevel::warning, "webhook_failed",
               "webhook: events wait, " + reason_of(result, url));
    }
    if (what == Result::gone) {
      log_line(LogLevel::error, "webhook_gone",
               "webhook: " + reason_of(result, url) +
                   " (gone): no events are sent until the next reload");
    }
  }

  /// Not those that were lost since the receiver replied 410, which has a line of its own.
  std::uint64_t lost() const { return delivery_.counts().lost_full + delivery_.counts().lost_old; }

  /// Without the lock: whoever pushes must not wait for the log.
  static void report(std::uint64_t lost, std::unique_lock<std::mutex>& lock) {
    if (lost == 0) return;
    lock.unlock();
    log_line(LogLevel::warning, "webhook_events_lost",
             "webhook: " + std::to_string(lost) +
                 " events lost, they were over max_queue_events, max_queue_bytes or max_age");
    lock.lock();
  }

  WebhookIds event_ids_{"evt"};
  WebhookIds batch_ids_{"msg"};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  WebhookOptions options_;
  std::shared_ptr<HttpClient> client_;
  std::unique_ptr<WebhookSigner> signer_;
  EventDelivery delivery_;
  LossReport losses_;
  std::atomic<unsigned> types_;
  bool failing_ = false;
  bool ending_ = false;  ///< No more events.
  bool ended_ = false;   ///< No more requests.
};

WebhookEvents::WebhookEvents(const WebhookOptions& options)
    : sender_(std::make_shared<Sender>(validated(options))),
      thread_([sender = sender_] { sender->run(); }) {}

WebhookEvents::~WebhookEvents() {
  stop();
}

void WebhookEvents::connected(std::string_view client_id, std::string_view user_id,
                              std::string_view remote_address) {
  if (!sender_->wants(WebhookEventType::connected)) return;
  auto event = sender_->event(WebhookEventType::connected);
  event.text("clientId", client_id).optional_text("userId", user_id);
  sender_->push(event.optional_text("remoteAddress", remote_address));
}

void WebhookEvents::disconnected(std::string_view client_id, std::string_view user_id) {
  if (!sender_->wants(WebhookEventType::disconnected)) return;
  auto event = sender_->event(WebhookEventType::disconnected);
  sender_->push(event.text("clientId", client_id).optional_text("userId", user_id));
}

void WebhookEvents::message(std::string_view client_id, std::string_view user_id,
                            std::string_view event, Json data, Json id) {
  if (!sender_->wants(WebhookEventType::message)) return;
  auto written = sender_->event(WebhookEventType::message);
  written.text("clientId", client_id).optional_text("userId", user_id);
  sender_->push(written.text("event", event).raw("data", data).raw("messageId", id));
}

void WebhookEvents::publish(std::string_view client_id, std::string_view user_id, Json data) {
  if (!sender_->wants(WebhookEventType::publish)) return;
  auto event = sender_->event(WebhookEventType::publish);
  event.text("clientId", client_id).optional_text("userId", user_id);
  sender_->push(event.raw("data", data));
}

void WebhookEvents::joined(std::string_view client_id, std::string_view user_id,
                           std::string_view room) {
  if (!sender_->wants(WebhookEventType::joined)) return;
  auto event = sender_->event(WebhookEventType::joined);
  event.text("clientId", client_id).optional_text("userId", user_id);
  sender_->push(event.text("room", room));
}

void WebhookEvents::left(std::string_view client_id, std::string_view user_id,
                         std::string_view room) {
  if (!sender_->wants(WebhookEventType::left)) return;
  auto event = sender_->event(WebhookEventType::left);
  event.text("clientId", client_id).optional_text("userId", user_id);
  sender_->push(event.text("room", room));
}

void WebhookEvents::room_occupied(std::string_view room) {
  if (!sender_->wants(WebhookEventType::room_occupied)) return;
  auto event = sender_->event(WebhookEventType::room_occupied);
  sender_->push(event.text("room", room));
}

void WebhookEvents::room_vacated(std::string_view room) {
  if (!sender_->wants(WebhookEventType::room_vacated)) return;
  auto event = sender_->event(WebhookEventType::room_vacated);
  sender_->push(event.text("room", room));
}

void WebhookEvents::reload(const WebhookOptions& options) {
  sender_->reload(validated(options));
}

void WebhookEvents::stop() {
  if (!thread_.joinable()) return;
  sender_->drain();
  thread_.join();
  sender_->close();
}

EventDeliveryCounts WebhookEvents::counts() const {
  return sender_->counts();
}

Distribution WebhookEvents::requests_ns() const {
  return sender_->requests_ns();
}

std::size_t WebhookEvents::pending() const {
  return sender_->pending();
}

}  // namespace wscast::program
