#include "server/hook_runner.h"

#include <exception>
#include <string>

#include "base/log.h"

namespace wscast::server {
namespace {

constexpr auto kSlow = std::chrono::milliseconds(50);

void log_failure(const char* hook, std::string_view what) {
  log(LogLevel::error, "the " + std::string(hook) + " hook threw: \"" + printable(what) + "\"");
}

}  // namespace

session::AuthenticateAnswer HookRunner::authenticate(const AuthenticateRequest& request) {
  std::optional<Identity> identity;
  if (!run("authenticate", [&] { identity = hooks_.authenticate(request); })) {
    return session::Threw{};
  }
  if (!identity) return session::Refused{};
  return session::Accepted{std::move(identity->user_id)};
}

std::optional<std::vector<std::string>> HookRunner::validate_rooms(
    const ValidateRoomsRequest& request) {
  std::optional<std::vector<std::string>> rooms;
  run("validate_rooms", [&] { rooms = hooks_.validate_rooms(request); });
  return rooms;
}

void HookRunner::message(const ClientMessage& message) {
  run("message", [&] { hooks_.message(message); });
}

void HookRunner::connected(const ClientEvent& client) {
  run("connected", [&] { hooks_.connected(client); });
}

void HookRunner::disconnected(const ClientEvent& client) {
  run("disconnected", [&] { hooks_.disconnected(client); });
}

/// False: it threw.
bool HookRunner::run(const char* name, const std::function<void()>& call) {
  const SteadyTime begin = clock_.now();
  bool returned = false;
  try {
    call();
    returned = true;
  } catch (const std::exception& error) {
    counters_.add(Counter::hook_failures);
    log_failure(name, error.what());
  } catch (...) {
    counters_.add(Counter::hook_failures);
    log_failure(name, "not a std::exception");
  }
  if (clock_.now() - begin > kSlow) {
    counters_.add(Counter::slow_hooks);
    log(LogLevel::warning, "the " + std::string(name) + " hook took over 50 ms");
  }
  return returned;
}

}  // namespace wscast::server
