#include "publish_command.h"

#include <array>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <variant>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "wscast/json_fields.h"

#include "flags.h"
#include "json_writer.h"
#include "terminal_json.h"

namespace wscast::program {
namespace {

constexpr std::size_t kMaxDataBytes = std::size_t{64} * 1024 * 1024;

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument(why);
}

std::string read_all(std::istream& stream, const std::string& name) {
  std::string text;
  std::array<char, 64 * 1024> piece{};
  while (text.size() <= kMaxDataBytes &&
         (stream.read(piece.data(), piece.size()) || stream.gcount() > 0)) {
    text.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) throw std::runtime_error(name + " cannot be read");
  if (text.size() > kMaxDataBytes) throw std::runtime_error(name + " is longer than 64 MiB");
  return text;
}

std::string data_of(const std::string& given) {
  if (given == "-") return read_all(std::cin, "standard input");
  if (!given.starts_with('@')) return given;
  const std::string name = given.substr(1);
  std::ifstream file(name);
  if (!file) throw std::runtime_error("--data: " + name + " cannot be opened");
  return read_all(file, name);
}

}  // namespace

void add_publish_flags(CLI::App& app, PublishArguments& arguments) {
  add_api_url(app, arguments.api);
  Flags to(app, "To");
  to.text("--room", arguments.room, "ROOM", "To the members of a room");
  to.text("--user", arguments.user, "USER", "To each client of a user");
  to.text("--client", arguments.client, "ID", "To one client");
  to.on("--all", arguments.all, "To every authenticated client");
  to.list("--exclude", arguments.exclude, "Client ids that the message skips");
  Flags message(app, "Message");
  message.text("--event", arguments.event, "EVENT", "The event");
  message.text("--data", arguments.data, "JSON",
               "Its data; @FILE reads it from a file, - from standard input");
  add_api_flags(app, arguments.api);
}

std::string publish_body(const PublishArguments& arguments, std::string_view data) {
  const int destinations = int{!arguments.room.empty()} + int{!arguments.user.empty()} +
                           int{!arguments.client.empty()} + int{arguments.all};
  if (destinations != 1) {
    refuse("publish needs one of --room ROOM, --user USER, --client ID and --all");
  }
  if (arguments.event.empty()) refuse("publish needs --event EVENT");
  if (!data.empty() && !nlohmann::json::accept(data)) refuse("--data: it is not JSON");
  JsonObjectWriter body;
  body.optional_text("room", arguments.room)
      .optional_text("user", arguments.user)
      .optional_text("client", arguments.client);
  if (arguments.all) body.raw("all", Json::text("true"));
  body.text("event", arguments.event);
  if (!data.empty()) body.raw("data", Json::text(data));
  if (!arguments.exclude.empty()) {
    const std::string ids = nlohmann::json(arguments.exclude)
                                .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return body.raw("exclude", Json::text(ids)).finish();
  }
  return body.finish();
}

ExitCode publish_exit_code(int status, std::string_view body) {
  const auto fields = JsonFields::of(Json::text(body));
  const auto backplane = fields ? fields->string("backplane") : std::nullopt;
  constexpr int kUnavailable = 503;
  constexpr int kTooMany = 429;
  if (status == 200) return backplane ? kDone : kRefused;  // Else it is not the API.
  if (status == kUnavailable && backplane) return kBackplaneDown;
  if (status == kUnavailable || status == kTooMany) return kUnreachable;
  return status >= 500 ? kFailed : kRefused;
}

int publish(const PublishArguments& arguments) {
  ApiClient client(arguments.api, "publish");
  const HttpResult result =
      client.post("/api/v1/publish", publish_body(arguments, data_of(arguments.data)));
  if (const auto* error = std::get_if<HttpError>(&result)) return fail(error->what, kUnreachable);
  const auto& response = std::get<HttpResponse>(result);
  const ExitCode code = publish_exit_code(response.status, response.body);
  const bool answered = code == kDone || code == kBackplaneDown;
  if (answered) std::cout << terminal_json(response.body) << std::endl;
  if (code == kDone) return code;
  if (code == kBackplaneDown) return fail("not sent to other servers: Redis is down", code);
  return fail(reason_in(response), code);
}

}  // namespace wscast::program
