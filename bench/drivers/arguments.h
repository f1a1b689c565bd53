#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/url.h"

namespace wscast::bench {

/// What the command line asked for.
struct Arguments {
  std::string mode;
  client::Endpoint connect{};            ///< Of an attack: the server.
  std::vector<client::Url> urls{};       ///< Of a soak: of each server, plain, then by TLS.
  std::vector<client::Endpoint> apis{};  ///< Of a cluster: of each server.
  std::string key{};                     ///< Of these APIs.
  std::size_t clients = 100;
  std::size_t size = 64;  ///< Bytes of a publish's data.
  std::chrono::milliseconds measured{1000};
  long rate = 50;          ///< Messages a second.
  std::string prologue{};  ///< Files of an attack's bytes; empty: none.
  std::string drip{};
  std::string flood{};
  std::chrono::milliseconds every{500};  ///< Between two bytes of the drip.
  bool deaf = false;                     ///< An attack that never reads.
};

inline constexpr const char* kUsage =
    "usage: bench-driver attack  --connect HOST:PORT --prologue FILE [--drip FILE --every-ms 500]\n"
    "                            [--flood FILE] [--deaf] [--clients 100]; until stdin ends\n"
    "       bench-driver soak    --url URL... [--clients 100] [--size 64] [--seconds 1] [--rate "
    "50];\n"
    "                            the URLs of two servers, ws:// of each, then wss://: bench/soak\n"
    "       bench-driver cluster --url URL... --api HOST:PORT... --key KEY [--clients 40] [--size "
    "64]\n"
    "                            [--seconds 1] [--rate 50]; of three servers, the second of which\n"
    "                            drains: bench/cluster_load\n";

std::optional<Arguments> parse_arguments(std::span<char*> arguments);

}  // namespace wscast::bench
