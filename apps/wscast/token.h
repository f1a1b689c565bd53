#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "auth/jwt/jwt_options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// The arguments of `wscast token`.
struct TokenArguments {
  std::string config;       ///< Configuration file whose options and secret are used; or empty.
  JwtOptions options;       ///< The names of the claims.
  std::string secret;       ///< Of the configuration; empty: none.
  std::string secret_file;  ///< Empty: none.
  std::string key_file;     ///< The same.
  std::string algorithm;    ///< Empty: the usual one of the key.
  std::string key_id;       ///< Empty: none.
  std::string issuer;       ///< The same.
  std::string audience;     ///< The same.
  std::string user;
  std::chrono::milliseconds expires_in = std::chrono::hours(1);  ///< Its maximum: never.
  std::vector<std::string> rooms;
  std::vector<std::string> claims;  ///< Each `name=JSON`.
  std::string metadata;             ///< A JSON object; empty: none.
};

/// Adds the flags of `token` to `app`; `arguments` is filled when it parses, and must outlive it.
void add_token_flags(CLI::App& app, TokenArguments& arguments);

/// Returns the token that the arguments ask for, issued at `now`. Throws std::runtime_error or
/// std::invalid_argument with what is wrong.
std::string make_token(const TokenArguments& given, std::chrono::system_clock::time_point now);

/// Prints the token alone. Returns the exit code.
int token(const TokenArguments& arguments);

}  // namespace wscast::program
