#include "listen/listener.h"

#include <algorithm>
#include <iostream>
#include <stdexcept>

#include "auth/jwt/jwt_key_files.h"
#include "http_client/jitter.h"
#include "listen/message_line.h"
#include "one_line.h"
#include "progress.h"
#include "quantity.h"

namespace wscast::program {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kAnswerTime = 10s;  ///< To connect, and for each answer of the dialogue.
constexpr milliseconds kHeartbeat = 30s;   ///< A server waits 90 s for one (protocol.md O3).
constexpr milliseconds kSilence = 75s;     ///< Of a server that is pinged with each heartbeat.
constexpr milliseconds kFirstPause = 500ms;
constexpr milliseconds kLongestPause = 15s;

// Closes after which the same token is refused again (protocol.md, How a connection ends).
constexpr int kAuthenticationFailed = 4003;
constexpr int kEncryptionRequired = 4004;
constexpr int kTooManyConnections = 4011;

client::Url url_of(const std::string& text) {
  auto url = client::parse_url(text);
  if (!url) {
    throw std::invalid_argument("\"" + text +
                                "\" is not a URL such as ws://127.0.0.1:8080/ws or wss://HOST/ws");
  }
  const bool no_path = url->target == "/" && !text.ends_with('/');
  if (no_path) url->target = "/ws";
  return *url;
}

client::SingleClient::Options options_of(const ListenArguments& arguments) {
  return {.url = url_of(arguments.url),
          .max_payload = arguments.max_message,
          .tls = {.ca_file = arguments.ca_file, .verify = true}};
}

/// Without the query, which may have a secret.
std::string shown(const std::string& url) {
  return url.substr(0, url.find('?'));
}

std::string joined(const std::vector<std::string>& rooms) {
  std::string out;
  for (const auto& room : rooms) out += (out.empty() ? " in " : ", ") + room;
  return out;
}

}  // namespace

Listener::Listener(const ListenArguments& arguments)
    : arguments_(arguments),
      dialogue_(arguments.rooms),
      client_(options_of(arguments), *this),
      backoff_(kFirstPause, kLongestPause),
      message_came_(steady_clock::now()) {}

int Listener::run() {
  const auto jitter = random_jitter();
  while (!result_) {
    attempt();
    if (result_) break;
    on_end();
    if (result_) break;
    const milliseconds wait = backoff_.next(jitter());
    say("connection lost: " + client_.end_text() + "; trying again in " + duration_text(wait));
    pause(wait);
  }
  client_.close(1000);
  return *result_;
}

void Listener::attempt() {
  token_ = arguments_.token_file.empty() ? arguments_.token : secret_in_file(arguments_.token_file);
  Progress().say("connecting to " + shown(arguments_.url));
  ready_ = false;
  client_.connect();
  sign_of_life_ = steady_clock::now();
  answer_due_ = sign_of_life_ + kAnswerTime;
  while (!result_ && !client_.closed()) {
    client_.run_once(time_left(steady_clock::now()), interrupt_.fd());
    if (!std::cout.flush()) finish(kFailed);
    on_time(steady_clock::now());
  }
}

/// Ends early for a signal or --timeout.
void Listener::pause(milliseconds longest) {
  const auto until = steady_clock::now() + longest;
  for (auto now = steady_clock::now(); !result_ && now < until; now = steady_clock::now()) {
    const auto rest = std::chrono::ceil<milliseconds>(until - now);
    client_.run_once(std::min(rest, time_left(now)), interrupt_.fd());
    on_time(steady_clock::now());
  }
}

/// Until on_time() has something to do.
milliseconds Listener::time_left(SteadyTime now) const {
  SteadyTime next = now + kHeartbeat;
  if (!client_.closed()) {
    next = std::min({next, sign_of_life_ + kSilence, ready_ ? heartbeat_due_ : answer_due_});
  }
  if (arguments_.timeout > 0ms) next = std::min(next, message_came_ + arguments_.timeout);
  return std::max(std::chrono::ceil<milliseconds>(next - now), 0ms);
}

void Listener::on_time(SteadyTime now) {
  if (result_) return;
  if (interrupt_.asked()) return finish(kDone);
  if (client_.received()) sign_of_life_ = now;
  if (arguments_.timeout > 0ms && now >= message_came_ + arguments_.timeout) {
    say("nothing came within " + duration_text(arguments_.timeout));
    return finish(kNothingCame);
  }
  if (client_.closed()) return;
  if (!ready_ && now >= answer_due_) return client_.abort("the server did not answer in time");
  if (now >= sign_of_life_ + kSilence) return client_.abort("no sign of the server");
  if (!ready_ || now < heartbeat_due_) return;
  client_.send_text(R"({"event":"heartbeat"})");
  client_.send_ping();
  heartbeat_due_ = now + kHeartbeat;
}

void Listener::on_open() {
  client_.send_text(dialogue_.begin(token_));
}

void Listener::on_message(std::string_view message) {
  if (result_) return;
  const auto step = dialogue_.on_message(message);
  if (!step.send.empty()) client_.send_text(step.send);
  if (dialogue_.state() == ListenDialogue::State::refused) {
    say("the server refuses " + dialogue_.refusal());
    return finish(kRefused);
  }
  if (step.prints) print(message);
  if (!ready_ && dialogue_.state() == ListenDialogue::State::listening) on_ready();
}

void Listener::on_ready() {
  say((was_ready_ ? "listening again at " : "listening at ") + shown(arguments_.url) + " as " +
      dialogue_.identity() + joined(arguments_.rooms));
  was_ready_ = ready_ = true;
  backoff_.reset();
  heartbeat_due_ = steady_clock::now() + kHeartbeat;
}

void Listener::print(std::string_view message) {
  const auto format = arguments_.json ? LineFormat::json : LineFormat::text;
  std::cout << message_line(message, std::chrono::system_clock::now(), format) << '\n';
  message_came_ = steady_clock::now();
  if (++printed_ == arguments_.count) finish(kDone);
}

/// Decides whether to connect again.
void Listener::on_end() {
  const std::string why = client_.end_text();
  if (is_refused()) {
    say("the server refuses this client: " + why);
    return finish(kRefused);
  }
  if (was_ready_) return;
  say(shown(arguments_.url) + ": " + why);
  finish(kUnreachable);
}

bool Listener::is_refused() const {
  const int code = client_.close_code();
  if (code == kAuthenticationFailed) return client_.close_reason() != "Token expired";
  if (code == kEncryptionRequired || code == kTooManyConnections) return true;
  constexpr int kTooManyRequests = 429;
  const int status = client_.response_status();
  return status >= 400 && status < 500 && status != kTooManyRequests;
}

void Listener::finish(ExitCode code) {
  if (!result_) result_ = code;
}

void Listener::say(const std::string& what) const {
  std::cerr << "wscast: " << one_line(what) << std::endl;
}

}  // namespace wscast::program
