#include "api_client.h"

#include <future>
#include <iostream>
#include <stdexcept>
#include <utility>

#include <CLI/CLI.hpp>

#include "wscast/json_fields.h"

#include "auth/jwt/jwt_key_files.h"
#include "flags.h"
#include "http_client/http_client.h"
#include "http_client/http_url.h"
#include "one_line.h"

namespace wscast::program {
namespace {

constexpr std::string_view kPublish = "/api/v1/publish";
constexpr std::size_t kMaxResponseBytes = std::size_t{64} * 1024 * 1024;

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument(why);
}

std::string url_of(const std::string& text) {
  if (!is_http_url(text, UrlUser::refused) || text.find('?') != std::string::npos) {
    refuse("\"" + text + "\" is not a URL such as http://127.0.0.1:9090");
  }
  std::string url = text;
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with(kPublish)) url.resize(url.size() - kPublish.size());
  return url;
}

std::string key_of(const ApiAccess& access, std::string_view command) {
  std::string key = access.key_file.empty() ? access.key : secret_in_file(access.key_file);
  if (key.empty()) {
    refuse(std::string(command) +
           " needs --key KEY, --key-file FILE, or WSCAST_API_KEY in the environment");
  }
  const bool fits = key.find_first_of(std::string("\r\n\0", 3)) == std::string::npos;
  if (!fits) refuse("the key has a line end");
  return key;
}

}  // namespace

void add_api_url(CLI::App& app, ApiAccess& access) {
  app.add_option("url", access.url, "Of the HTTP API, such as http://127.0.0.1:9090")
      ->type_name("URL")
      ->required();
}

void add_api_flags(CLI::App& app, ApiAccess& access) {
  Flags flags(app, "Options");
  flags.text("--key", access.key, "KEY",
             "Key of the API. All users of the machine can read a command line");
  app.get_option("--key")->envname("WSCAST_API_KEY");
  flags.text("--key-file", access.key_file, "FILE", "File with the key, instead");
  flags.text("--ca-file", access.ca_file, "FILE",
             "PEM file of the CA that must have signed the certificate of an https:// URL; none: "
             "those that the system trusts");
  flags.duration("--timeout", access.timeout,
                 "How long the call may take, resolving the host name included", kPositive);
}

ApiClient::ApiClient(const ApiAccess& access, std::string_view command)
    : url_(url_of(access.url)),
      authorization_("Authorization: Bearer " + key_of(access, command)),
      timeout_(access.timeout),
      client_(std::make_unique<HttpClient>(HttpClientOptions{.ca_file = access.ca_file})) {}

ApiClient::~ApiClient() = default;

HttpResult ApiClient::call(HttpRequest::Method method, std::string_view path, std::string body) {
  HttpRequest request{.method = method,
                      .url = url_ + std::string(path),
                      .headers = {authorization_},
                      .body = std::move(body),
                      .timeout = timeout_,
                      .max_response_bytes = kMaxResponseBytes};
  if (!request.body.empty()) request.headers.emplace_back("Content-Type: application/json");
  std::promise<HttpResult> result;
  client_->submit(std::move(request),
                  [&result](HttpResult done) { result.set_value(std::move(done)); });
  return result.get_future().get();
}

std::string reason_in(const HttpResponse& response) {
  std::string status = "the server responded " + std::to_string(response.status);
  const auto problem = JsonFields::of(Json::text(response.body));
  if (!problem) return status;
  const auto detail = problem->string("detail");
  return detail ? status + ": " + *detail : status;
}

int fail(const std::string& why, int code) {
  std::cerr << "wscast: " << one_line(why) << std::endl;
  return code;
}

}  // namespace wscast::program
