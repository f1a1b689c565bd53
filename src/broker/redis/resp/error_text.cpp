#include "broker/redis/resp/error_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/log.h"

namespace wscast::redis {
namespace {

constexpr std::string_view kUnexpected = "an answer that was not expected";
constexpr std::string_view kEcho = ", with args beginning with";
constexpr std::string_view kMaxClients = "ERR max number of clients reached";

/// Codes whose texts are about rights and states, not about what was sent.
constexpr std::array<std::string_view, 10> kCodes = {
    "WRONGPASS", "NOAUTH",     "NOPERM",  "LOADING",  "BUSY",
    "DENIED",    "MASTERDOWN", "MISCONF", "READONLY", "TRYAGAIN"};

/// How an error of AUTH with the code ERR, which every server has, begins in Redis and Valkey.
constexpr std::array<std::string_view, 8> kAuthErrors = {
    "ERR unknown command",
    "ERR wrong number of arguments for 'auth' command",
    "ERR invalid password",
    "ERR Client sent AUTH, but no password is set",
    "ERR AUTH <password> called without any password configured for the default user",
    "ERR syntax error",
    kMaxClients,
    "ERR max number of clients + cluster connections reached"};

std::string_view code_of(std::string_view text) {
  return text.substr(0, text.find(' '));
}

}  // namespace

std::string error_text(const RespValue& reply) {
  if (reply.kind != RespValue::Kind::error && reply.kind != RespValue::Kind::status) {
    return std::string(kUnexpected);
  }
  const std::string_view shown = reply.text.substr(0, reply.text.find(kEcho));
  return shown.empty() ? std::string(kUnexpected) : printable(shown);
}

std::string auth_error_text(const RespValue& reply) {
  if (reply.kind != RespValue::Kind::error) return std::string(kUnexpected);
  const std::string_view code = code_of(reply.text);
  if (std::ranges::find(kCodes, code) != kCodes.end()) return error_text(reply);
  const auto* const known =
      std::ranges::find_if(kAuthErrors, [&](auto begin) { return reply.text.starts_with(begin); });
  if (known != kAuthErrors.end()) {
    return std::string(*known) + (known == kAuthErrors.begin() ? " 'AUTH'" : "");
  }
  if (code != "ERR") return std::string(kUnexpected);
  return "ERR (not shown: the answer to AUTH may repeat the password)";
}

bool is_temporary(const RespValue& reply) {
  if (reply.kind != RespValue::Kind::error) return false;
  constexpr std::array<std::string_view, 5> codes = {"LOADING", "MASTERDOWN", "BUSY", "CLUSTERDOWN",
                                                     "TRYAGAIN"};
  return std::ranges::find(codes, code_of(reply.text)) != codes.end() ||
         reply.text.starts_with("ERR max number of clients");
}

}  // namespace wscast::redis
