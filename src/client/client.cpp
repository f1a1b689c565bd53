#include "wscast/client.h"

#include <utility>

#include "wscast/json_fields.h"

#include "base/history_bounds.h"
#include "base/validated.h"
#include "client/client_thread.h"
#include "client/url.h"
#include "protocol/utf8.h"
#include "protocol/verified_json.h"

namespace wscast {
namespace {

using namespace std::chrono_literals;
using client::ClientSession;

bool is_object(const std::string& text) {
  return JsonFields::of(Json::text(text)).has_value();
}

std::error_code fault_of_name(std::string_view name) {
  if (name.empty()) return Errc::invalid_text;
  return protocol::is_utf8(name) ? std::error_code() : Errc::invalid_json;
}

std::error_code fault_of(const ClientPublish& call) {
  if (const auto fault = fault_of_name(call.room)) return fault;
  if (const auto fault = fault_of_name(call.event)) return fault;
  if (call.key.size() > kMaxHistoryKeyBytes) return Errc::invalid_text;
  const bool valid_data = !call.data.present() || protocol::is_valid(call.data);
  return valid_data && protocol::is_utf8(call.key) ? std::error_code() : Errc::invalid_json;
}

}  // namespace

std::vector<std::string> ClientOptions::validate() const {
  std::vector<std::string> faults;
  const auto check = [&faults](bool good, std::string sentence) {
    if (!good) faults.push_back(std::move(sentence));
  };
  check(client::parse_url(url).has_value(),
        "url: \"" + url + "\" is not a URL such as ws://127.0.0.1:8080/ws or wss://HOST/ws.");
  check(data.empty() || is_object(data), "data must be a JSON object.");
  check(max_waiting_bytes > 0, "max_waiting_bytes must not be 0.");
  check(outbox_timeout > 0ms, "outbox_timeout must be longer than 0.");
  check(reply_timeout >= 0ms, "reply_timeout must not be under 0.");
  check(connect_timeout > 0ms, "connect_timeout must be longer than 0.");
  check(heartbeat > 0ms && heartbeat < 90s,
        "heartbeat must be longer than 0 and under 90 s, after which the server closes.");
  check(min_delay >= 0ms && min_delay <= max_delay,
        "min_delay must not be under 0 or over max_delay.");
  check(max_delay <= 24h, "max_delay must not be over 24 hours.");
  check(max_message > 0, "max_message must not be 0.");
  return faults;
}

class [[gnu::visibility("hidden")]] Client::Impl {
 public:
  explicit Impl(ClientOptions options) : thread(std::move(options)) {}

  client::ClientThread thread;
};

Client::Client(ClientOptions options)
    : impl_(std::make_unique<Impl>(validated(std::move(options)))) {}

Client::~Client() = default;

std::error_code Client::join(std::string_view room, OnJoined on_result) {
  if (const auto fault = fault_of_name(room)) return fault;
  return impl_->thread.post(
      0, [name = std::string(room), on_result = std::move(on_result)](
             ClientSession& session, SteadyTime) { session.join(name, on_result); });
}

std::error_code Client::leave(std::string_view room) {
  if (const auto fault = fault_of_name(room)) return fault;
  return impl_->thread.post(
      0, [name = std::string(room)](ClientSession& session, SteadyTime) { session.leave(name); });
}

std::error_code Client::publish(const ClientPublish& call) {
  if (const auto fault = fault_of(call)) return fault;
  const std::size_t bytes = call.room.size() + call.event.size() + call.data.view().size();
  ClientSession::Publish kept{.room = std::string(call.room),
                              .event = std::string(call.event),
                              .data = std::string(call.data.view()),
                              .echo = call.echo,
                              .key = std::string(call.key),
                              .on_result = call.on_result};
  return impl_->thread.post(bytes,
                            [kept = std::move(kept)](ClientSession& session, SteadyTime now) {
                              session.publish(now, kept);
                            });
}

std::error_code Client::send(std::string_view event, Json data, OnReply on_reply) {
  if (const auto fault = fault_of_name(event)) return fault;
  if (data.present() && !protocol::is_valid(data)) return Errc::invalid_json;
  return impl_->thread.post(
      event.size() + data.view().size(),
      [name = std::string(event), text = std::string(data.view()), on_reply = std::move(on_reply)](
          ClientSession& session, SteadyTime now) { session.send(now, name, text, on_reply); });
}

ConnectionState Client::state() const {
  return impl_->thread.state();
}

std::string Client::id() const {
  return impl_->thread.id();
}

std::string Client::user_id() const {
  return impl_->thread.user_id();
}

void Client::close() {
  impl_->thread.close();
}

}  // namespace wscast
