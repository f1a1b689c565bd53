#include "client/client_authentication.h"

#include <chrono>
#include <exception>
#include <utility>

#include "wscast/error.h"

#include "protocol/json_string.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;

constexpr auto kRenewAgain = 5s;
// To the server this client's identity does not expire (protocol.md M5).
constexpr std::string_view kUnwanted = "Already authenticated";

/// What stands between the braces of an object.
std::string_view inside(std::string_view object) {
  const auto begin = object.find('{');
  if (begin == std::string_view::npos) return {};
  const std::string_view members = object.substr(begin + 1, object.rfind('}') - begin - 1);
  return members.find_first_not_of(" \t\r\n") == std::string_view::npos ? "" : members;
}

}  // namespace

ClientError ClientAuthentication::next_token() {
  if (!options_.token) return {};
  try {
    token_ = options_.token();
  } catch (const std::exception& failure) {
    return {.code = Errc::disconnected, .message = failure.what()};
  } catch (...) {
    return {.code = Errc::disconnected, .message = "there is no token"};
  }
  if (rejection_ && rejection_->token == token_) {
    return {.code = Errc::not_authenticated, .message = rejection_->words, .close_code = 4003};
  }
  return {};
}

void ClientAuthentication::reject(std::string words) {
  rejection_ = {token_, std::move(words)};
}

std::string ClientAuthentication::data() const {
  std::string data{inside(options_.data)};
  if (options_.token) {
    if (!data.empty()) data += ',';
    data += R"("token":)";
    protocol::append_quoted(data, token_);
  }
  return '{' + data + '}';
}

std::string ClientAuthentication::message(const std::string& join) const {
  std::string text = R"({"event":"authenticate","data":)" + data();
  if (options_.positions) {
    text += R"(,"ext":{"positions":1)";
    if (!join.empty()) text.append(",\"join\":").append(join);
    text += '}';
  }
  return text + R"(,"id":"authenticate"})";
}

std::string ClientAuthentication::renew(SteadyTime now) {
  renew_at_ = SteadyTime::max();
  if (renewing_ || !is_renewable()) return {};
  const std::string before = token_;
  const ClientError error = next_token();
  if (error) report_(error);
  if (error || token_ == before) {
    renew_at_ = now + kRenewAgain;
    return {};
  }
  renewing_ = true;
  return R"({"event":"authenticate","data":)" + data() + ",\"id\":" + std::string(kRenewId) + '}';
}

void ClientAuthentication::on_reply(SteadyTime now, const ServerMessage& reply) {
  renewing_ = false;
  if (reply.event != "connected" && words_of(reply) != kUnwanted) renew_at_ = now + kRenewAgain;
}

void ClientAuthentication::disconnected() {
  renewing_ = false;
  renew_at_ = SteadyTime::max();
}

}  // namespace wscast::client
