#include "token.h"

#include <algorithm>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <variant>

#include <CLI/CLI.hpp>

#include "auth/jwt/compact_jws.h"
#include "auth/jwt/json_tree.h"
#include "auth/jwt/jwt_claims.h"
#include "auth/jwt/jwt_key_files.h"
#include "auth/jwt/jwt_signing_key.h"
#include "config/configuration.h"
#include "flags.h"

namespace wscast::program {
namespace {

using std::chrono::system_clock;

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument(why);
}

/// What is not given stands in the configuration file.
TokenArguments with_config(const TokenArguments& given) {
  if (given.config.empty()) return given;
  const Configuration configuration(ConfigurationSources{.file = given.config});
  if (!configuration.faults().empty()) throw ConfigurationError(configuration.faults());
  const ServeArguments& serve = configuration.arguments();
  TokenArguments arguments = given;
  arguments.options = serve.jwt;
  if (arguments.issuer.empty() && !serve.jwt.issuers.empty()) {
    arguments.issuer = serve.jwt.issuers.front();
  }
  if (arguments.audience.empty() && !serve.jwt.audiences.empty()) {
    arguments.audience = serve.jwt.audiences.front();
  }
  if (!arguments.key_file.empty() || !arguments.secret_file.empty()) return arguments;
  arguments.secret = serve.jwt_secret;
  arguments.secret_file = serve.jwt_keys.secret;
  if (arguments.secret.empty() && arguments.secret_file.empty()) {
    refuse(given.config + " has no secret of JSON Web Tokens: sign with --key FILE");
  }
  return arguments;
}

JwtSigningKey key_of(const TokenArguments& arguments) {
  if (!arguments.secret.empty()) {
    auto key = JwtSigningKey::from_secret(arguments.secret);
    if (const auto* fault = std::get_if<std::string>(&key)) refuse("auth.jwt.secret " + *fault);
    return std::move(std::get<JwtSigningKey>(key));
  }
  if (arguments.secret_file.empty() == arguments.key_file.empty()) {
    refuse("token needs --config FILE, --secret-file FILE or --key FILE, one of them");
  }
  const bool is_secret = arguments.key_file.empty();
  auto key = is_secret ? JwtSigningKey::from_secret(secret_in_file(arguments.secret_file))
                       : JwtSigningKey::from_pem(key_file_text(arguments.key_file));
  if (const auto* fault = std::get_if<std::string>(&key)) {
    refuse((is_secret ? arguments.secret_file + ": the secret " : arguments.key_file + ": it ") +
           *fault);
  }
  return std::move(std::get<JwtSigningKey>(key));
}

JwtAlgorithm algorithm_of(const TokenArguments& arguments, const JwtSigningKey& key) {
  const auto& good = key.algorithms();
  if (arguments.algorithm.empty()) return good.front();
  const auto named = jwt_algorithm_named(arguments.algorithm);
  if (!named) {
    refuse("--algorithm: \"" + arguments.algorithm + "\" is not one of " +
           std::string(jwt_algorithm_names()));
  }
  if (std::ranges::find(good, *named) == good.end()) {
    refuse("--algorithm: the key is not good for " + arguments.algorithm);
  }
  return *named;
}

JsonTree text(std::string_view text) {
  JsonTree value(json_stringn(text.data(), text.size()));
  if (!value) refuse("a text is not UTF-8");
  return value;
}

std::optional<std::string> key_id_of(const TokenArguments& arguments) {
  if (arguments.key_id.empty()) return std::nullopt;
  return json_string_of(text(arguments.key_id).get());
}

/// The claims of a token, while they are collected.
class ClaimsBuilder {
 public:
  explicit ClaimsBuilder(const TokenArguments& arguments) : arguments_(arguments) {}

  std::string build(system_clock::time_point now) {
    add_own(now);
    if (!arguments_.metadata.empty()) add_metadata();
    for (const std::string& claim : arguments_.claims) add_claim(claim);
    return json_text(claims_.get());
  }

 private:
  void add_own(system_clock::time_point now) {
    if (arguments_.user.empty()) refuse("token needs --user USER");
    const JwtOptions& options = arguments_.options;
    add("--user", options.user_claim, text(arguments_.user));
    if (!arguments_.issuer.empty()) add("--issuer", "iss", text(arguments_.issuer));
    if (!arguments_.audience.empty()) add("--audience", "aud", text(arguments_.audience));
    if (!arguments_.rooms.empty()) add("--rooms", options.rooms_claim, texts(arguments_.rooms));
    add_times(now);
  }

  void add_times(system_clock::time_point now) {
    add("iat", "iat", seconds(std::chrono::floor<std::chrono::seconds>(now)));
    if (arguments_.expires_in == std::chrono::milliseconds::max()) return;
    if (arguments_.expires_in.count() == 0) refuse("--expires-in must not be 0");
    add("--expires-in", "exp",
        seconds(std::chrono::ceil<std::chrono::seconds>(now + arguments_.expires_in)));
  }

  void add_metadata() {
    JsonTree object = parse_json_object(arguments_.metadata);
    if (!object) refuse("--metadata: it is not a JSON object");
    const std::string& claim = arguments_.options.metadata_claim;
    if (!claim.empty()) return add("--metadata", claim, std::move(object));
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(object.get(), name, value) {
      add("--metadata", name, JsonTree(json_incref(value)));
    }
  }

  void add_claim(const std::string& claim) {
    const std::size_t equals = claim.find('=');
    const std::string name = claim.substr(0, equals);
    if (equals == std::string::npos || name.empty()) {
      refuse("--claim: \"" + claim + "\" is not NAME=JSON, such as role=\"admin\"");
    }
    JsonTree value = parse_json(std::string_view(claim).substr(equals + 1));
    if (!value) {
      refuse("--claim: what " + name + " is to be is not JSON, where a text is \"in quotes\"");
    }
    add("--claim", name, std::move(value));
  }

  void add(const std::string& flag, const std::string& name, JsonTree value) {
    if (json_object_get(claims_.get(), name.c_str()) != nullptr || is_reserved(flag, name)) {
      refuse(flag + ": the claim " + name + " has a flag of its own, or is given twice");
    }
    set_member(claims_.get(), name.c_str(), std::move(value));
  }

  /// Whether only another flag may set the claim.
  bool is_reserved(const std::string& flag, const std::string& name) const {
    if (flag != "--claim" && flag != "--metadata") return false;
    return (is_registered_claim(name) && name != "nbf" && name != "jti" && name != "sub") ||
           name == arguments_.options.user_claim || name == arguments_.options.rooms_claim;
  }

  static JsonTree texts(const std::vector<std::string>& texts) {
    JsonTree array = owned_json(json_array());
    for (const std::string& one : texts) json_array_append_new(array.get(), text(one).release());
    return array;
  }

  template <class Time>
  static JsonTree seconds(Time time) {
    return owned_json(json_integer(time.time_since_epoch().count()));
  }

  const TokenArguments& arguments_;
  JsonTree claims_ = owned_json(json_object());
};

}  // namespace

void add_token_flags(CLI::App& app, TokenArguments& arguments) {
  Flags key(app, "Key");
  key.text("--config", arguments.config, "FILE",
           "Configuration file of the server: its secret signs, and its issuer and audience are in "
           "the token");
  key.text("--secret-file", arguments.secret_file, "FILE",
           "File with the secret to sign with, by HS256; a line feed at its end does not count");
  key.text("--key", arguments.key_file, "FILE",
           "PEM file of the private key to sign with, by RS256, ES256 or ES384");
  key.text("--algorithm", arguments.algorithm, "NAME",
           "Another algorithm that the key is good for, such as HS512 or PS256");
  key.text("--kid", arguments.key_id, "ID", "Which key of a set it is");
  Flags flags(app, "Claims");
  flags.text("--user", arguments.user, "USER", "Whom the token authenticates");
  flags.duration_or_forever("--expires-in", arguments.expires_in, "How long it is good");
  flags.list("--rooms", arguments.rooms, "Rooms of the user; * matches any characters");
  flags.text("--issuer", arguments.issuer, "TEXT", "iss");
  flags.text("--audience", arguments.audience, "TEXT", "aud");
  flags.text("--metadata", arguments.metadata, "JSON", "An object: what else is known of the user");
  app.add_option("--claim", arguments.claims,
                 "Another claim, such as role='\"admin\"'; may be given several times")
      ->allow_extra_args(false)
      ->type_name("NAME=JSON")
      ->group("Claims");
}

std::string make_token(const TokenArguments& given, system_clock::time_point now) {
  const TokenArguments arguments = with_config(given);
  const JwtSigningKey key = key_of(arguments);
  const JwtAlgorithm algorithm = algorithm_of(arguments, key);
  std::string token =
      key.sign(algorithm, key_id_of(arguments), ClaimsBuilder(arguments).build(now));
  if (token.size() > kMaxJwtBytes) {
    refuse("the token would have " + std::to_string(token.size()) +
           " bytes, and a server accepts at most 8,192");
  }
  return token;
}

int token(const TokenArguments& arguments) {
  std::cout << make_token(arguments, system_clock::now()) << std::endl;
  return 0;
}

}  // namespace wscast::program
