#include "api/publish_call.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "wscast/constants.h"

#include "api/answers.h"
#include "api/idempotency.h"
#include "api/problem.h"
#include "publish.h"

namespace wscast::program {
namespace {

constexpr std::size_t kMaxMessages = 1'000;
constexpr std::size_t kMaxKeyBytes = 256;

/// What is wrong with the fields of a message together; empty if nothing is.
std::string fault_of(const Body& message) {
  const int targets = static_cast<int>(message.has("room")) + message.has("user") +
                      message.has("client") + message.has("all");
  if (targets != 1) return "a message is for one of room, user, client and all";
  if (message.has("all") && message.raw("all") != "true") return "\"all\" can only be true";
  for (const char* name : {"room", "user", "client"}) {
    if (message.has(name) && message.text(name).empty()) {
      return "\"" + std::string(name) + "\" is empty";
    }
  }
  if (message.text("event").empty()) return "\"event\" is missing";
  if (is_reserved(message.text("event"))) return "\"event\" is one of the server's own";
  if (message.has("exclude") && !message.has("room") && !message.has("all")) {
    return "\"exclude\" is for room and all only";
  }
  return {};
}

/// Sends a message without faults.
std::error_code send(Server& server, const Body& message, OnResult on_result) {
  Send call{.event = message.text("event"), .on_result = std::move(on_result)};
  call.data = Json::text(message.has("data") ? message.raw("data") : "null");
  call.user_id = message.text("user");
  call.destination = message.has("client") ? message.text("client") : message.text("room");
  call.exclude = message.texts("exclude");
  return server.send(call);
}

ApiResponse response_for(const PublishResult& result) {
  const bool lost = result.backplane == Backplane::down || result.backplane == Backplane::unknown;
  const std::string count = std::to_string(result.accepted);
  const std::string backplane(backplane_word(result.backplane));
  if (result.position) {
    return {.body = R"({"backplane":"ok","position":)" + position_json(*result.position) + "}"};
  }
  return {.status = lost ? 503 : 200,
          .body = "{\"" + std::string(lost ? "local" : "accepted") + "\":" + count +
                  ",\"backplane\":\"" + backplane + "\"}"};
}

void send_one(Server& server, const Body& message, const Respond& respond) {
  const std::string fault = fault_of(message);
  if (!fault.empty()) return respond(problem(400, fault));
  const auto error = send(
      server, message, [respond](const PublishResult& result) { respond(response_for(result)); });
  if (error) respond(error_response(error));
}

/// Collects the responses to several messages.
class Results {
 public:
  Results(std::size_t count, Respond respond)
      : bodies_(count), missing_(count), respond_(std::move(respond)) {}

  void set(std::size_t index, ApiResponse response) {
    if (response.status != 200) all_sent_ = false;
    bodies_[index] = std::move(response.body);
    if (--missing_ > 0) return;
    respond_(
        {.status = all_sent_ ? 200 : 503, .body = "{\"results\":" + json_array(bodies_) + "}"});
  }

 private:
  std::vector<std::string> bodies_;  ///< Each is written once, before missing_ is counted down.
  std::atomic<std::size_t> missing_;
  std::atomic<bool> all_sent_{true};
  const Respond respond_;
};

/// All are checked before the first is sent.
void send_several(Server& server, const std::vector<std::string>& texts, const Respond& respond) {
  if (texts.empty() || texts.size() > kMaxMessages) {
    return respond(problem(400, "\"messages\" has 1 to 1000 messages"));
  }
  std::vector<Body> messages;
  for (const std::string& text : texts) {
    auto read = Body::read(text, kMessageFields);
    const auto* message = std::get_if<Body>(&read);
    const std::string fault = message == nullptr ? std::get<std::string>(read) : fault_of(*message);
    if (!fault.empty()) {
      return respond(problem(400, "message " + std::to_string(messages.size() + 1) + ": " + fault));
    }
    messages.push_back(std::move(std::get<Body>(read)));
  }
  const auto results = std::make_shared<Results>(messages.size(), respond);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto error = send(server, messages[i], [results, i](const PublishResult& result) {
      results->set(i, response_for(result));
    });
    if (error) results->set(i, error_response(error));
  }
}

void send_all(Server& server, const Body& body, const Respond& respond) {
  if (body.has("messages")) return send_several(server, body.objects("messages"), respond);
  send_one(server, body, respond);
}

/// What the owners of two API keys choose alike is not the same.
std::string idempotency_key(std::string_view owner, std::string_view key) {
  return std::to_string(owner.size()).append(":").append(owner).append(key);
}

}  // namespace

void handle_publish(const ApiCall& call, const Respond& respond) {
  const Body& body = call.body;
  const std::string_view key = body.text("idempotencyKey");
  if (key.size() > kMaxKeyBytes) return respond(problem(400, "\"idempotencyKey\" is too long"));
  const bool several = body.has("messages");
  if (several && (body.has("event") || body.has("data"))) {
    return respond(problem(400, "there is either one message, or \"messages\""));
  }
  if (key.empty()) return send_all(call.parts.server, body, respond);
  call.parts.idempotency->begin(idempotency_key(call.key_name, key), respond,
                                std::chrono::steady_clock::now(),
                                [&server = call.parts.server, body](const Respond& answer) {
                                  send_all(server, body, answer);
                                });
}

}  // namespace wscast::program
