#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/url.h"

namespace wscast::bench {

/// What the command line asked for.
struct Arguments {
  std::string mode;
  client::Url url{.endpoint = {}, .target = "/ws"};
  std::vector<client::Url> urls{};       ///< Of a soak: of each server, plain, then by TLS.
  std::vector<client::Endpoint> apis{};  ///< Of a cluster: of each server.
  std::string key{};                     ///< Of these APIs.
  std::size_t clients = 100;
  std::size_t size = 64;  ///< Bytes of an echo's payload, or of a publish's data.
  std::chrono::milliseconds measured{1000};
  std::optional<pid_t> server;  ///< Whose CPU time is measured.
  client::Endpoint redis{};     ///< Where messages are published.
  std::string room = "lobby";
  std::string publish_event = "publish";
  std::size_t window = 50;  ///< Messages that go to Redis together.
  long rate = 50;           ///< Messages a second of a paced load.
  std::string prologue{};   ///< Files of an attack's bytes; empty: none.
  std::string drip{};
  std::string flood{};
  std::chrono::milliseconds every{500};  ///< Between two bytes of the drip.
  bool deaf = false;                     ///< An attack that never reads.
  bool authenticate = false;
  bool encrypted = false;  ///< Clients ask for encryption, and decrypt what comes.
  bool deflate = false;    ///< Clients offer permessage-deflate, and need it accepted.
  bool hold = false;
  bool on_request = false;  ///< Measure once a line on stdin.
};

inline constexpr const char* kUsage =
    "usage: load echo   --connect HOST:PORT [--path /ws] [--clients 100] [--size 64]\n"
    "                   [--seconds 1] [--pid PID] [--on-request]\n"
    "       load app-echo ... as echo\n"
    "       load fanout ... as echo, and [--room lobby] [--publish-event publish|pub|pubx]\n"
    "                   [--deflate]\n"
    "       load redis  ... as echo, and --redis HOST:PORT [--room lobby] [--window 50]\n"
    "                   [--encrypted]\n"
    "       load paced  ... as fanout, and [--rate 50]; once for each line on stdin\n"
    "       load attack --connect HOST:PORT --prologue FILE [--drip FILE --every-ms 500]\n"
    "                   [--flood FILE] [--deaf] [--clients 100]; until stdin ends\n"
    "       load soak   --url URL... [--clients 100] [--size 64] [--seconds 1] [--rate 50]; the "
    "URLs\n"
    "                   of two servers, ws:// of each, then wss://; see bench/soak\n"
    "       load cluster --url URL... --api HOST:PORT... --key KEY [--clients 40] [--size 64]\n"
    "                   [--seconds 1] [--rate 50]; of three servers, the second of which drains; "
    "see\n"
    "                   bench/cluster_load\n"
    "       load idle   --connect HOST:PORT [--path /ws] [--clients 100] [--authenticate]\n"
    "                   [--encrypted] [--hold]\n"
    "with --tls: by TLS, the certificate is not verified\n";

std::optional<Arguments> parse_arguments(std::span<char*> arguments);

}  // namespace wscast::bench
