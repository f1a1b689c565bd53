#include "auth/webhook_rooms.h"

#include <memory>
#include <utility>

#include "auth/webhook_answer.h"
#include "json_writer.h"

namespace wscast::program {
namespace {

std::string array_of(const std::vector<std::string>& texts) {
  std::string array = "[";
  for (const auto& text : texts) array += (array.size() > 1 ? "," : "") + json_string(text);
  return array + ']';
}

struct Question {
  std::vector<std::string> rooms;
  WebhookRooms::Done done;
};

/// Returns what is wrong with the response; empty if it decides, and then calls `done`.
std::string decide(const HttpResponse& response, const Question& question) {
  if (response.status != 200) return "status " + std::to_string(response.status);
  auto answer = read_webhook_rooms(response.body, question.rooms);
  if (const auto* fault = std::get_if<WebhookFault>(&answer)) return fault->what;
  question.done(std::get<std::vector<std::string>>(std::move(answer)));
  return "";
}

}  // namespace

WebhookRooms::WebhookRooms(HttpClient& client, const WebhookAuthOptions& options)
    : call_(client, "rooms webhook", options) {}

void WebhookRooms::allowed(std::string_view client_id, std::string_view user_id,
                           std::string_view metadata, std::vector<std::string> rooms, Done done) {
  const auto question =
      std::make_shared<const Question>(Question{std::move(rooms), std::move(done)});
  JsonObjectWriter writer;
  writer.text("clientId", client_id).optional_text("userId", user_id);
  writer.raw("metadata", Json::text(metadata)).raw("rooms", Json::text(array_of(question->rooms)));
  call_.post(
      writer.finish(),
      [question](const HttpResponse& response) { return decide(response, *question); },
      [question](const std::string&) { question->done({}); });
}

}  // namespace wscast::program
