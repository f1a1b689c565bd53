#include "arguments.h"

#include <cstdlib>
#include <string_view>

namespace wscast::bench {
namespace {

/// Whether `name` is an option that takes `value`.
bool set_option(Arguments& out, std::string_view name, const char* value) {
  if (name == "--connect") {
    const auto endpoint = client::parse_endpoint(value);
    out.connect = endpoint.value_or(client::Endpoint{});
    return endpoint.has_value();
  }
  if (name == "--url") {
    const auto url = client::parse_url(value);
    out.urls.push_back(url.value_or(client::Url{}));
    return url.has_value();
  }
  if (name == "--api") {
    const auto endpoint = client::parse_endpoint(value);
    out.apis.push_back(endpoint.value_or(client::Endpoint{}));
    return endpoint.has_value();
  }
  if (name == "--clients") {
    out.clients = std::strtoul(value, nullptr, 10);
  } else if (name == "--key") {
    out.key = value;
  } else if (name == "--size") {
    out.size = std::strtoul(value, nullptr, 10);
  } else if (name == "--seconds") {
    out.measured = std::chrono::milliseconds(static_cast<long>(std::strtod(value, nullptr) * 1000));
  } else if (name == "--rate") {
    out.rate = std::strtol(value, nullptr, 10);
  } else if (name == "--prologue") {
    out.prologue = value;
  } else if (name == "--drip") {
    out.drip = value;
  } else if (name == "--flood") {
    out.flood = value;
  } else if (name == "--every-ms") {
    out.every = std::chrono::milliseconds(std::strtol(value, nullptr, 10));
  } else {
    return false;
  }
  return true;
}

bool is_known_mode(std::string_view mode) {
  return mode == "attack" || mode == "soak" || mode == "cluster";
}

/// Whether it says where to connect to.
bool connects(const Arguments& arguments) {
  constexpr std::size_t kSoakUrls = 4;
  constexpr std::size_t kClusterServers = 3;
  if (arguments.mode == "soak") return arguments.urls.size() == kSoakUrls;
  if (arguments.mode == "cluster") {
    return arguments.urls.size() == kClusterServers && arguments.apis.size() == kClusterServers;
  }
  return !arguments.connect.host.empty() || !arguments.connect.unix_path.empty();
}

/// Whether the load can work with so many.
bool has_clients(const Arguments& arguments) {
  constexpr std::size_t kStepOfCluster = 40;  // Rooms of 20, one half on each of two servers.
  if (arguments.mode == "cluster" && arguments.clients % kStepOfCluster != 0) return false;
  return arguments.clients > 0;
}

}  // namespace

std::optional<Arguments> parse_arguments(std::span<char*> arguments) {
  if (arguments.size() < 2 || !is_known_mode(arguments[1])) return std::nullopt;
  Arguments out;
  out.mode = arguments[1];
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "--deaf") {
      out.deaf = true;
    } else if (++i == arguments.size() || !set_option(out, name, arguments[i])) {
      return std::nullopt;
    }
  }
  if (!connects(out) || !has_clients(out) || out.rate <= 0) return std::nullopt;
  return out;
}

}  // namespace wscast::bench
