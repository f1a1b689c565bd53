#include "bench/greeter.h"

#include <string>

#include <nlohmann/json.hpp>

#include "bench/bench_failure.h"
#include "json_writer.h"

namespace wscast::program {
namespace {

/// A JSON object without its braces.
std::string members_of(const std::string& object) {
  if (object.empty()) return {};
  const std::string text = nlohmann::json::parse(object).dump();
  return text.substr(1, text.size() - 2);
}

}  // namespace

Credentials credentials_of(const BenchArguments& arguments, std::size_t index) {
  const std::string name = "bench-" + std::to_string(index);
  return {.token = json_string(arguments.token.empty() ? name : arguments.token),
          .members = members_of(arguments.authenticate_data)};
}

Greeter::Greeter(const BenchArguments& arguments, client::Swarm& swarm)
    : arguments_(arguments), swarm_(swarm), dialect_(make_dialect(arguments.protocol)) {
  if (arguments.encrypted) encrypted_.emplace(arguments.clients);
}

bool Greeter::on_open(std::size_t index) {
  if (arguments_.deflate && !swarm_.deflates(index)) {
    throw BenchFailure(kRefused,
                       "the server does not accept permessage-deflate (wscast serve: "
                       "--per-message-deflate)");
  }
  if (!dialect_->greets()) return true;
  Credentials credentials = credentials_of(arguments_, index);
  if (encrypted_) {
    if (!credentials.members.empty()) credentials.members += ',';
    credentials.members += encrypted_->authenticate_member();
  }
  const std::string text = dialect_->on_open(credentials);
  if (!text.empty()) swarm_.send_text(index, text);
  return false;
}

bool Greeter::on_message(std::size_t index, std::string_view message) {
  const auto greeting = dialect_->greet(message, credentials_of(arguments_, index));
  if (!greeting.reply.empty()) swarm_.send_text(index, greeting.reply);
  if (greeting.state == Dialect::State::refused) {
    throw BenchFailure(kRefused, "the server refuses a client: " + std::string(message));
  }
  if (greeting.state != Dialect::State::connected) return false;
  if (encrypted_) {
    if (message.find(R"("serverPublicKey")") == std::string_view::npos) {
      throw BenchFailure(kRefused, "the server does not encrypt (wscast serve: --encryption)");
    }
    encrypted_->agree(index, message);
  }
  return true;
}

}  // namespace wscast::program
