#include "listen/listener.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <poll.h>
#include <stdexcept>

#include "auth/jwt/jwt_key_files.h"
#include "json_writer.h"
#include "listen/message_line.h"
#include "one_line.h"
#include "progress.h"
#include "quantity.h"
#include "refusal.h"
#include "server_url.h"

namespace wscast::program {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kConnectTime = 10s;
constexpr milliseconds kLongestPause = 15s;

std::string joined(const std::vector<std::string>& rooms) {
  std::string out;
  for (const auto& room : rooms) out += (out.empty() ? " in " : ", ") + room;
  return out;
}

std::string token_of(const ListenArguments& arguments) {
  return arguments.token_file.empty() ? arguments.token : secret_in_file(arguments.token_file);
}

/// A message of the server itself.
std::string server_message(std::string_view event, const std::string& data) {
  return JsonObjectWriter().text("event", event).raw("data", Json::text(data)).finish();
}

}  // namespace

Listener::Listener(const ListenArguments& arguments)
    : arguments_(arguments), message_came_(steady_clock::now()) {
  if (!ClientOptions{.url = with_path(arguments.url)}.validate().empty()) {
    throw std::invalid_argument("\"" + arguments.url +
                                "\" is not a URL such as ws://127.0.0.1:8080/ws or wss://HOST/ws");
  }
  token_of(arguments);  // Throws without the file.
}

ClientOptions Listener::options() {
  const auto locked = [this](auto call) {
    return [this, call](const auto& what) {
      const std::lock_guard lock(mutex_);
      if (!result_) call(what);
    };
  };
  return {.url = with_path(arguments_.url),
          .token = [this] { return token_of(arguments_); },
          .ca_file = arguments_.ca_file,
          .connect_timeout = kConnectTime,
          .max_delay = kLongestPause,
          .max_message = arguments_.max_message,
          .on_state = locked([this](const ClientStateChange& change) { on_state(change); }),
          .on_message = locked([this](const ReceivedMessage& message) { print(message.text); }),
          .on_gap = locked([this](const ClientGap& gap) { on_gap(gap); }),
          .on_dropped = locked([this](const std::optional<std::uint64_t>& count) {
            print(server_message("dropped",
                                 R"({"count":)" + (count ? std::to_string(*count) : "null") + "}"));
          }),
          .on_error = locked([this](const ClientError& error) {
            if (!connected_ || error.code != Errc::reported) return;
            print(server_message("error", R"({"message":)" + json_string(error.message) + "}"));
          })};
}

int Listener::run() {
  {
    const std::lock_guard lock(mutex_);  // What its thread calls waits until it is there.
    client_.emplace(options());
  }
  wait();
  client_.reset();
  return *result_;
}

/// Until it is over, by the client's thread, a signal, or --timeout.
void Listener::wait() {
  while (!is_over()) {
    std::array<pollfd, 2> events{pollfd{.fd = interrupt_.fd(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = done_.fd(), .events = POLLIN, .revents = 0}};
    ::poll(events.data(), events.size(), static_cast<int>(time_left().count()));
  }
}

bool Listener::is_over() {
  const std::lock_guard lock(mutex_);
  if (result_) return true;
  if (interrupt_.asked()) {
    finish(kDone);
  } else if (arguments_.timeout > 0ms &&
             steady_clock::now() >= message_came_ + arguments_.timeout) {
    say("nothing came within " + duration_text(arguments_.timeout));
    finish(kNothingCame);
  }
  return result_.has_value();
}

milliseconds Listener::time_left() {
  constexpr milliseconds kLongest = 60s;
  if (arguments_.timeout <= 0ms) return kLongest;
  const std::lock_guard lock(mutex_);
  const auto left = message_came_ + arguments_.timeout - steady_clock::now();
  return std::clamp(std::chrono::ceil<milliseconds>(left), 0ms, kLongest);
}

void Listener::on_state(const ClientStateChange& change) {
  connected_ = change.state == ConnectionState::connected;
  switch (change.state) {
    case ConnectionState::connecting:
      return Progress().say("connecting to " + without_query(arguments_.url));
    case ConnectionState::connected:
      return on_connected();
    case ConnectionState::waiting:
      return on_lost(change.error, change.delay);
    case ConnectionState::closed:
      return on_refused(change.error);
  }
}

/// The client joins them again by itself; this waits until it has.
void Listener::on_connected() {
  ++connections_;
  refused_.clear();
  rooms_left_ = arguments_.rooms.size();
  if (rooms_left_ == 0) return on_ready();
  for (const auto& room : arguments_.rooms) {
    const auto error =
        client_->join(room, [this, room, number = connections_](const ClientError& result) {
          const std::lock_guard lock(mutex_);
          if (!result_ && number == connections_ && connected_) on_joined(room, result);
        });
    if (error) on_joined(room, {.code = error, .message = error.message()});
  }
}

void Listener::on_joined(const std::string& room, const ClientError& error) {
  if (error) refused_ += (refused_.empty() ? "" : ", ") + room + ": " + error.message;
  if (--rooms_left_ > 0) return;
  if (refused_.empty()) return on_ready();
  say("the server refuses " + refused_);
  finish(kRefused);
}

void Listener::on_ready() {
  const std::string user = client_->user_id();
  say((was_ready_ ? "listening again at " : "listening at ") + without_query(arguments_.url) +
      " as " + (user.empty() ? client_->id() : user) + joined(arguments_.rooms));
  was_ready_ = true;
}

/// Decides whether to go on.
void Listener::on_lost(const ClientError& error, milliseconds delay) {
  if (is_refusal(error)) return on_refused(error);
  if (was_ready_) {
    return say("connection lost: " + error.message + "; trying again in " + duration_text(delay));
  }
  say(without_query(arguments_.url) + ": " + error.message);
  finish(kUnreachable);
}

void Listener::on_refused(const ClientError& error) {
  say("the server refuses this client: " + error.message);
  finish(kRefused);
}

void Listener::on_gap(const ClientGap& gap) {
  std::string which = "some messages";
  if (gap.from && gap.to) {
    which = "messages " + std::to_string(*gap.from) + " to " + std::to_string(*gap.to);
  } else if (gap.from) {
    which = "messages from " + std::to_string(*gap.from) + " on";
  }
  say(gap.room + ": " + which + " are lost: " + gap.reason);
}

void Listener::print(std::string_view message) {
  const auto format = arguments_.json ? LineFormat::json : LineFormat::text;
  std::cout << message_line(message, std::chrono::system_clock::now(), format) << std::endl;
  if (!std::cout) return finish(kFailed);
  message_came_ = steady_clock::now();
  if (++printed_ == arguments_.count) finish(kDone);
}

void Listener::finish(ExitCode code) {
  result_ = code;
  done_.set();
}

void Listener::say(const std::string& what) const {
  std::cerr << "wscast: " << one_line(what) << std::endl;
}

}  // namespace wscast::program
