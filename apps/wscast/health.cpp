#include "health.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iostream>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <CLI/CLI.hpp>

#include "client/socket.h"
#include "client/url.h"
#include "flags.h"
#include "logging.h"

namespace wscast::program {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

constexpr int kWell = 0;
constexpr int kNotWell = 1;
constexpr std::chrono::hours kTimeoutMax{24};  // poll(2) counts milliseconds in an int.
constexpr std::size_t kAnswerMax = 64 * 1024;

/// `http://HOST[:PORT][/PATH]`, or `http+unix:/PATH/OF/SOCKET[:/PATH]`: as those of WebSocket.
client::Url address_of(const std::string& text) {
  constexpr std::string_view scheme = "http";
  const auto url = text.starts_with(scheme) ? client::parse_url("ws" + text.substr(scheme.size()))
                                            : std::nullopt;
  if (!url || one_line(text) != text || text.find(' ') != std::string::npos) {
    throw std::invalid_argument("--url: \"" + text +
                                "\" is no address, such as http://127.0.0.1:8080/health");
  }
  return *url;
}

[[noreturn]] void fail(int error) {
  throw std::system_error(error, std::generic_category());
}

void await(const client::Socket& socket, short events, Deadline deadline) {
  if (!socket.wait(events, deadline)) fail(ETIMEDOUT);
}

client::Socket connect(const client::Endpoint& endpoint, Deadline deadline) {
  const auto addresses = client::resolve(endpoint);
  if (addresses.empty()) throw std::runtime_error("there is no such host");
  std::error_code error;
  for (const auto& address : addresses) {
    client::Socket socket = client::start_connect(address, error);
    if (error) continue;
    await(socket, POLLOUT, deadline);
    error = socket.pending_error();
    if (!error) return socket;
  }
  throw std::system_error(error);
}

/// A request fits into any send buffer.
void send(const client::Socket& socket, std::string_view request) {
  const auto sent = ::send(socket.fd(), request.data(), request.size(), MSG_NOSIGNAL);
  if (sent < 0) fail(errno);
}

std::string receive_all(const client::Socket& socket, Deadline deadline) {
  std::string answer;
  std::array<char, 4096> buffer{};
  while (answer.size() < kAnswerMax) {
    await(socket, POLLIN, deadline);
    const auto got = ::recv(socket.fd(), buffer.data(), buffer.size(), 0);
    if (got < 0) fail(errno);
    if (got == 0) break;
    answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return answer;
}

std::string ask(const client::Url& url, std::chrono::milliseconds timeout) {
  const Deadline deadline =
      std::chrono::steady_clock::now() + std::min<std::chrono::milliseconds>(timeout, kTimeoutMax);
  const client::Socket socket = connect(url.endpoint, deadline);
  send(socket, "GET " + url.target + " HTTP/1.1\r\nHost: " + client::host_header(url.endpoint) +
                   "\r\nConnection: close\r\n\r\n");
  return receive_all(socket, deadline);
}

std::string_view up_to(std::string_view text, std::string_view end) {
  return text.substr(0, text.find(end));
}

/// The first line of an HTTP answer's body, or the status when there is none.
std::string_view words_of(std::string_view answer) {
  const auto head = up_to(answer, "\r\n\r\n");
  const auto body = answer.substr(std::min(head.size() + 4, answer.size()));
  return body.empty() ? up_to(answer, "\r\n") : up_to(body, "\n");
}

int not_well(const std::string& url, std::string_view why) {
  std::cerr << "wscast: " << one_line(url + ": " + std::string(why)) << std::endl;
  return kNotWell;
}

}  // namespace

void add_health_flags(CLI::App& app, HealthArguments& arguments) {
  Flags flags(app, "Options");
  flags.text("--url", arguments.url, "URL",
             "What to ask: http://HOST:PORT/PATH or http+unix:/PATH/OF/SOCKET:/PATH");
  app.get_option("--url")->envname("WSCAST_HEALTH_URL");
  flags.duration("--timeout", arguments.timeout, "How long to wait for the answer", kPositive);
}

int health(const HealthArguments& arguments) {
  const client::Url url = address_of(arguments.url);
  try {
    const std::string answer = ask(url, arguments.timeout);
    if (!answer.starts_with("HTTP/1.1 ")) return not_well(arguments.url, "no HTTP answer");
    if (!answer.starts_with("HTTP/1.1 200 ")) return not_well(arguments.url, words_of(answer));
    std::cout << one_line(words_of(answer)) << std::endl;
    return kWell;
  } catch (const std::system_error& error) {
    return not_well(arguments.url, error.code().message());
  } catch (const std::runtime_error& error) {
    return not_well(arguments.url, error.what());
  }
}

}  // namespace wscast::program
