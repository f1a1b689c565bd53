#include "server/server_calls.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "wscast/error.h"

#include "protocol/channel.h"
#include "protocol/verified_json.h"

namespace wscast::server {
namespace {

using protocol::kAllServers;
namespace events = protocol::server_events;
using std::chrono::milliseconds;

}  // namespace

ServerCalls::ServerCalls(ShardExecutor& executor, const Parts& parts,
                         std::function<ServerInfo()> describe)
    : executor_(executor),
      parts_(parts),
      describe_(std::move(describe)),
      runner_(executor, parts.log) {}

bool ServerCalls::announces() const {
  return parts_.options.announce && !refused_ && parts_.backplane.reaches_others();
}

// Announcements.

void ServerCalls::start() {
  if (!announces()) return;
  const std::vector<std::string> channels = {protocol::server_channel(kAllServers),
                                             protocol::server_channel(parts_.server_id)};
  parts_.backplane.subscribe(channels, [this, channels](const std::vector<std::string>& refused) {
    if (refused.empty()) return announce(true, false);
    refused_ = true;
    parts_.backplane.change_interest({.subscribe = {}, .unsubscribe = channels});
    parts_.log(LogLevel::warning, "servers_not_found",
               "this server and others do not find each other: Redis' ACL needs ws:server:*");
  });
  executor_.every(kAnnounceEvery, [this] {
    if (stopped_ || refused_) return false;
    const SteadyTime now = executor_.now();
    // While Redis is away no announcement arrives.
    if (!parts_.backplane.fault().empty()) list_.refresh(now);
    list_.forget_silent(now);
    announce(false, false);
    return true;
  });
}

void ServerCalls::stop() {
  stopped_ = true;
  if (announces()) announce(false, true);
  while (!calls_.empty()) end(calls_.begin()->first);
}

void ServerCalls::announce(bool greeting, bool stopped) {
  protocol::ServerAnnouncement announcement{.stopped = stopped, .greeting = greeting};
  announcement.server = describe_();
  parts_.backplane.publish(
      protocol::server_channel(kAllServers),
      envelope(kAllServers, events::announce, protocol::announcement_data(announcement)), {});
}

std::vector<ServerInfo> ServerCalls::servers() const {
  std::vector<ServerInfo> all = list_.servers();
  ServerInfo self = describe_();
  self.id = parts_.server_id;
  self.self = true;
  all.insert(all.begin(), std::move(self));
  return all;
}

// Calls.

std::error_code ServerCalls::call(const CallServers& call) {
  const bool valid = call.on_result && call.timeout > milliseconds(0) &&
                     call.timeout <= protocol::kMaxServerCallTimeout &&
                     protocol::is_valid(call.request);
  if (!valid) return Errc::invalid_json;
  if (!parts_.running) return Errc::stopped;
  const std::string target(call.server_id.empty() ? kAllServers : call.server_id);
  Call made{.on_result = call.on_result, .result = {}, .missing = {}};
  if (!call.server_id.empty()) {
    made.missing.insert(target);
  } else {
    for (std::string& id : list_.ids()) made.missing.insert(std::move(id));
  }
  const std::uint64_t id = next_call_.fetch_add(1);
  std::string text = envelope(
      target, events::request,
      protocol::request_data({.id = id, .timeout = call.timeout, .body = call.request.view()}));
  if (text.size() > parts_.backplane.max_publish_bytes()) {
    return Errc::message_too_big;
  }
  if (open_calls_.fetch_add(1) >= kMaxCalls) {
    open_calls_.fetch_sub(1);
    return Errc::overloaded;
  }
  try {
    executor_.post([this, id, made = std::move(made), channel = protocol::server_channel(target),
                    text = std::move(text),
                    timeout = call.timeout] { begin(id, made, channel, text, timeout); });
  } catch (...) {  // It does not run.
    open_calls_.fetch_sub(1);
    throw;
  }
  return {};
}

void ServerCalls::begin(std::uint64_t id, Call call, const std::string& channel,
                        const std::string& envelope, milliseconds timeout) {
  executor_.counters().add(Counter::server_calls);
  const bool nobody = call.missing.empty();
  calls_.emplace(id, std::move(call));
  if (nobody || stopped_ || !announces()) return end(id);
  executor_.after(timeout, [this, id] { end(id); });
  parts_.backplane.publish(channel, envelope, [this, id](Backplane outcome) {
    if (outcome == Backplane::down) end(id);
  });
}

/// A no-op for a call that has ended.
void ServerCalls::end(std::uint64_t id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  Call call = std::move(found->second);
  calls_.erase(found);
  open_calls_.fetch_sub(1);
  auto& unanswered = call.result.unanswered;
  unanswered.insert(unanswered.end(), call.missing.begin(), call.missing.end());
  std::ranges::sort(unanswered);
  executor_.counters().add(Counter::server_calls_unanswered, unanswered.size());
  runner_.guard(HookName::on_result, [&call] { call.on_result(call.result); });
}

// Messages of other servers.

void ServerCalls::on_message(const protocol::BackplaneMessage& message) {
  if (stopped_ || !announces() || !message.data) return;
  if (message.event == events::announce) return on_announcement(message);
  if (message.target != kAllServers && message.target != parts_.server_id) return;
  if (message.event == events::request) return on_request(message);
  if (message.event == events::response) on_response(message);
}

void ServerCalls::on_announcement(const protocol::BackplaneMessage& message) {
  auto announcement = protocol::read_announcement(*message.data);
  if (!announcement) return;
  if (announcement->stopped) return list_.remove(message.server_id);
  announcement->server.id = message.server_id;
  if (list_.update(std::move(announcement->server), executor_.now())) {
    parts_.log(LogLevel::info, "server_found", "found server " + printable(message.server_id));
  }
  if (announcement->greeting) announce(false, false);
}

void ServerCalls::on_request(const protocol::BackplaneMessage& message) {
  const auto request = protocol::read_request(*message.data);
  if (!request) return;
  executor_.counters().add(Counter::server_requests);
  const std::string& caller = message.server_id;
  const auto& hook = parts_.options.hooks.server_call;
  if (!hook || open_requests_ == kMaxRequests) {
    executor_.counters().add(Counter::server_requests_refused);
    return respond(caller, request->id, {});
  }
  ++open_requests_;
  const SteadyTime deadline = executor_.now() + request->timeout;
  const ServerCallRequest call{.from = caller,
                               .request = protocol::VerifiedJson::of(request->body)};
  runner_.run(
      HookName::server_call, hook, call,
      [this, caller, id = request->id, deadline](HookOutcome<std::string> outcome) noexcept {
        --open_requests_;
        const auto* response = std::get_if<std::string>(&outcome);
        const bool valid = response && protocol::is_valid(Json::text(*response));
        if (executor_.clock().now() >= deadline) return;  // Nobody waits for it.
        runner_.guard(HookName::server_call, [&] {
          respond(caller, id, valid ? std::string_view(*response) : std::string_view());
        });
      });
}

/// An empty `response`: the call has failed.
void ServerCalls::respond(const std::string& caller, std::uint64_t id, std::string_view response) {
  if (stopped_) return;
  std::string text =
      envelope(caller, events::response, protocol::response_data({.id = id, .body = response}));
  if (text.size() > parts_.backplane.max_publish_bytes()) {
    parts_.log(LogLevel::warning, "server_response_too_long",
               "a response of " + std::to_string(text.size()) +
                   " bytes to another server is too long for the broker");
    text = envelope(caller, events::response, protocol::response_data({.id = id}));
  }
  parts_.backplane.publish(protocol::server_channel(caller), std::move(text), {});
}

void ServerCalls::on_response(const protocol::BackplaneMessage& message) {
  const auto response = protocol::read_response(*message.data);
  const auto found = response ? calls_.find(response->id) : calls_.end();
  if (found == calls_.end()) return;
  Call& call = found->second;
  const bool expected = call.missing.erase(message.server_id) > 0;
  if (!response->body.empty()) {
    call.result.responses.push_back({message.server_id, std::string(response->body)});
  } else if (expected) {
    call.result.unanswered.push_back(message.server_id);
  }
  if (call.missing.empty()) end(response->id);
}

std::string ServerCalls::envelope(std::string_view target, std::string_view event,
                                  std::string_view data) const {
  return protocol::backplane_message({.server_id = parts_.server_id,
                                      .type = protocol::BackplaneTarget::server,
                                      .target = target,
                                      .event = event,
                                      .data = data});
}

}  // namespace wscast::server
