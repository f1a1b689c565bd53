#include "arguments.h"

#include <cstdlib>
#include <string_view>

namespace wscast::bench {
namespace {

/// Whether `name` is an option that takes `value`.
bool set_option(Arguments& out, std::string_view name, const char* value) {
  if (name == "--connect") {
    const auto endpoint = client::parse_endpoint(value);
    out.url.endpoint = endpoint.value_or(client::Endpoint{});
    return endpoint.has_value();
  }
  if (name == "--redis") {
    const auto endpoint = client::parse_endpoint(value);
    out.redis = endpoint.value_or(client::Endpoint{});
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
  if (name == "--path") {
    out.url.target = value;
  } else if (name == "--clients") {
    out.clients = std::strtoul(value, nullptr, 10);
  } else if (name == "--key") {
    out.key = value;
  } else if (name == "--window") {
    out.window = std::strtoul(value, nullptr, 10);
  } else if (name == "--size") {
    out.size = std::strtoul(value, nullptr, 10);
  } else if (name == "--seconds") {
    out.measured = std::chrono::milliseconds(static_cast<long>(std::strtod(value, nullptr) * 1000));
  } else if (name == "--pid") {
    out.server = static_cast<pid_t>(std::strtol(value, nullptr, 10));
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
  } else if (name == "--room") {
    out.room = value;
  } else if (name == "--publish-event") {
    out.publish_event = value;
  } else {
    return false;
  }
  return true;
}

bool is_known_mode(std::string_view mode) {
  return mode == "echo" || mode == "app-echo" || mode == "fanout" || mode == "idle" ||
         mode == "redis" || mode == "paced" || mode == "attack" || mode == "soak" ||
         mode == "cluster";
}

/// Whether it says where to connect to.
bool connects(const Arguments& arguments) {
  constexpr std::size_t kSoakUrls = 4;
  constexpr std::size_t kClusterServers = 3;
  if (arguments.mode == "soak") return arguments.urls.size() == kSoakUrls;
  if (arguments.mode == "cluster") {
    return arguments.urls.size() == kClusterServers && arguments.apis.size() == kClusterServers;
  }
  const client::Endpoint& endpoint = arguments.url.endpoint;
  return !endpoint.host.empty() || !endpoint.unix_path.empty();
}

/// Whether the load can work with so many.
bool has_clients(const Arguments& arguments) {
  constexpr std::size_t kStepOfCluster = 40;  // Rooms of 20, one half on each of two servers.
  if (arguments.mode == "cluster" && arguments.clients % kStepOfCluster != 0) return false;
  return arguments.clients >= (arguments.mode == "fanout" ? 2u : 1u);
}

}  // namespace

std::optional<Arguments> parse_arguments(std::span<char*> arguments) {
  if (arguments.size() < 2 || !is_known_mode(arguments[1])) return std::nullopt;
  Arguments out;
  out.mode = arguments[1];
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "--tls") {
      out.url.tls = true;
    } else if (name == "--authenticate") {
      out.authenticate = true;
    } else if (name == "--encrypted") {
      out.authenticate = out.encrypted = true;
    } else if (name == "--deflate") {
      out.deflate = true;
    } else if (name == "--deaf") {
      out.deaf = true;
    } else if (name == "--hold") {
      out.hold = true;
    } else if (name == "--on-request") {
      out.on_request = true;
    } else if (++i == arguments.size() || !set_option(out, name, arguments[i])) {
      return std::nullopt;
    }
  }
  if (!connects(out) || !has_clients(out) || out.window == 0 || out.rate <= 0) return std::nullopt;
  if (out.mode == "redis" && out.redis.host.empty()) return std::nullopt;
  return out;
}

}  // namespace wscast::bench
