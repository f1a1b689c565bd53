#include "auth/access.h"

#include <memory>
#include <stdexcept>

#include "auth/admission.h"
#include "auth/jwt/jwt_authentication.h"
#include "auth/tokens.h"
#include "auth/tokens_authentication.h"
#include "logging.h"

namespace wscast::program {
namespace {

using Faults = std::vector<std::string>;

std::string joined(const Faults& faults) {
  std::string all;
  for (const auto& fault : faults) {
    if (!all.empty()) all += "; ";
    all += fault;
  }
  return all;
}

void log_reload(const std::string& what, const Faults& faults) {
  if (faults.empty()) return log_line(LogLevel::info, what + " reloaded");
  for (const auto& fault : faults) {
    log_line(LogLevel::error, one_line(what + " not reloaded: " + fault));
  }
}

Faults load_keys(JwtAuthentication& into, const AccessArguments& arguments) {
  Faults faults;
  JwtKeySources sources = arguments.jwt_keys.read(faults);
  if (!faults.empty()) return faults;
  return into.replace(arguments.jwt, std::move(sources));
}

std::function<void()> admit_by_jwt(Hooks& hooks, const AccessArguments& arguments) {
  const auto method = std::make_shared<JwtAuthentication>(arguments.jwt);
  const Faults faults = load_keys(*method, arguments);
  if (!faults.empty()) throw std::runtime_error(joined(faults));
  admit_by(hooks, method);
  return [method, arguments] { log_reload("keys", load_keys(*method, arguments)); };
}

Faults load_tokens(TokensAuthentication& into, const std::string& file) {
  try {
    into.replace(Tokens::read(file));
    return {};
  } catch (const std::runtime_error& error) {
    return {error.what()};
  }
}

std::function<void()> admit_by_tokens(Hooks& hooks, const std::string& file) {
  const auto method = std::make_shared<TokensAuthentication>(Tokens::read(file));
  admit_by(hooks, method);
  return [method, file] { log_reload("tokens", load_tokens(*method, file)); };
}

}  // namespace

void check_access(const AccessArguments& arguments) {
  const bool has_tokens = !arguments.tokens_file.empty();
  const bool has_jwt = !arguments.jwt_keys.empty();
  if (arguments.dev && has_tokens) {
    throw std::invalid_argument("--dev and --tokens exclude each other");
  }
  if ((arguments.dev || has_tokens) && has_jwt) {
    throw std::invalid_argument("keys of JSON Web Tokens exclude --dev and --tokens");
  }
  if (!arguments.dev && !has_tokens && !has_jwt) {
    throw std::invalid_argument(
        "serve needs --tokens FILE or a key such as --jwt-key-file FILE, which say who may "
        "connect, or --dev to try it");
  }
  const bool has_claims = !arguments.jwt.issuers.empty() || !arguments.jwt.audiences.empty();
  if (has_claims && !has_jwt) {
    throw std::invalid_argument(
        "--jwt-issuer and --jwt-audience need a key: --jwt-secret-file, "
        "--jwt-key-file or --jwt-jwks-file");
  }
}

std::function<void()> admit(Hooks& hooks, const AccessArguments& arguments) {
  if (arguments.dev) {
    admit_anybody(hooks);
    return {};
  }
  return arguments.tokens_file.empty() ? admit_by_jwt(hooks, arguments)
                                       : admit_by_tokens(hooks, arguments.tokens_file);
}

}  // namespace wscast::program
