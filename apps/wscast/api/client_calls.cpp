#include "api/client_calls.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "api/answers.h"
#include "api/problem.h"
#include "json_writer.h"

namespace wscast::program {
namespace {

constexpr std::uint64_t kNormalClosure = 1000;
constexpr std::uint64_t kMaxRevokeSeconds = 1'000'000'000;  // Some 31 years.

bool is_code(std::uint64_t code) {
  return code == kNormalClosure || (code >= 3'000 && code <= 4'999);
}

std::vector<std::string> json_of(const std::vector<ClientInfo>& clients, const Server& server) {
  std::vector<std::string> elements;
  for (const ClientInfo& client : clients) {
    elements.push_back(client_json(client, server.server_id()));
  }
  return elements;
}

std::string disconnected(std::size_t count) {
  return "{\"disconnected\":" + std::to_string(count) + "}";
}

}  // namespace

void handle_get_clients(const ApiCall& call, const Respond& respond) {
  PageQuery page;
  if (const auto fault = page.read(call.query); !fault.empty()) return respond(problem(400, fault));
  const auto clients =
      call.parts.server.get_clients(Page{.after = page.after, .limit = page.limit});
  const std::string elements = json_array(json_of(clients, call.parts.server));
  JsonObjectWriter out;
  out.raw("clients", Json::text(elements));
  if (clients.size() == page.limit) out.text("next", clients.back().id);
  respond(ok(out.finish()));
}

void handle_get_client(const ApiCall& call, const Respond& respond) {
  const auto client = call.parts.server.get_client(call.parameters[0]);
  if (!client) return respond(error_response(Errc::unknown_client));
  respond(ok(client_json(*client, call.parts.server.server_id())));
}

void handle_disconnect_client(const ApiCall& call, const Respond& respond) {
  const std::uint64_t code = call.body.number("code").value_or(kNormalClosure);
  if (!is_code(code)) return respond(problem(400, "\"code\" is not 1000, nor 3000 to 4999"));
  const auto error = call.parts.server.close_client({.client_id = call.parameters[0],
                                                     .code = static_cast<std::uint16_t>(code),
                                                     .reason = call.body.text("reason")});
  respond(error ? error_response(error) : ok(disconnected(1)));
}

void handle_get_user(const ApiCall& call, const Respond& respond) {
  auto clients = call.parts.server.get_clients_by_user(call.parameters[0]);
  std::ranges::sort(clients, {}, &ClientInfo::id);
  const std::string elements = json_array(json_of(clients, call.parts.server));
  JsonObjectWriter out;
  out.text("userId", call.parameters[0]).raw("clients", Json::text(elements));
  respond(ok(out.finish()));
}

void handle_disconnect_user(const ApiCall& call, const Respond& respond) {
  Server& server = call.parts.server;
  const std::string& user = call.parameters[0];
  const std::uint64_t code = call.body.number("code").value_or(kNormalClosure);
  if (!is_code(code)) return respond(problem(400, "\"code\" is not 1000, nor 3000 to 4999"));
  const auto seconds = call.body.number("revokeSeconds");
  const bool lets_in = seconds && *seconds == 0;
  const std::size_t count = lets_in ? 0 : server.get_clients_by_user(user).size();
  if (seconds && (call.body.has("code") || call.body.has("reason"))) {
    return respond(problem(400, "\"revokeSeconds\" excludes code and reason"));
  }
  if (seconds && *seconds > kMaxRevokeSeconds) {
    return respond(problem(400, "\"revokeSeconds\" is over 1000000000"));
  }
  const auto error =
      seconds
          ? server.revoke_user({.user_id = user,
                                .until = std::chrono::system_clock::now() +
                                         std::chrono::seconds(static_cast<std::int64_t>(*seconds))})
          : server.close_user({.user_id = user,
                               .code = static_cast<std::uint16_t>(code),
                               .reason = call.body.text("reason")});
  respond(error ? error_response(error) : ok(disconnected(count)));
}

}  // namespace wscast::program
