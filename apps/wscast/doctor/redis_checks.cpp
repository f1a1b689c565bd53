#include "doctor/redis_checks.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string_view>

#include "doctor/clock_checks.h"
#include "quantity.h"

namespace wscast::program {
namespace {

using Level = Finding::Level;

/// The text of that name; empty if it is not known.
std::string text_in(const std::map<std::string, std::string, std::less<>>& texts,
                    std::string_view name) {
  const auto found = texts.find(name);
  return found == texts.end() ? std::string() : found->second;
}

// Each of these returns std::nullopt when the user may not ask.

std::optional<Finding> check_version(const RedisFacts& facts) {
  const std::string valkey = text_in(facts.info, "valkey_version");
  const std::string version = valkey.empty() ? text_in(facts.info, "redis_version") : valkey;
  if (version.empty()) return std::nullopt;
  Finding finding{.check = "Redis version",
                  .what = (valkey.empty() ? "Redis " : "Valkey ") + version};
  const auto major = parse_count(version.substr(0, version.find('.')));
  constexpr std::uint64_t kOldest = 5;
  if (major && *major < kOldest) {
    finding.level = Level::error;
    finding.what += " is too old";
    finding.mend = "use version 5 or later";
  }
  return finding;
}

/// Of `client-output-buffer-limit`, such as `normal 0 0 0 slave 1 1 60 pubsub 33554432 8388608 60`:
/// the hard limit of subscribers.
std::optional<std::uint64_t> subscriber_limit(const std::string& setting) {
  std::istringstream words(setting);
  for (std::string word; words >> word;) {
    std::string limit;
    if (word == "pubsub" && words >> limit) return parse_count(limit);
  }
  return std::nullopt;
}

std::optional<Finding> check_buffer(const RedisFacts& facts, const RedisOptions& options) {
  Finding finding{.check = "Redis client-output-buffer-limit pubsub"};
  const auto limit = subscriber_limit(text_in(facts.settings, "client-output-buffer-limit"));
  if (!limit) return std::nullopt;
  finding.what = *limit == 0 ? "no limit" : size_text(*limit);
  const std::uint64_t least = std::max<std::uint64_t>(8 * options.max_publish_bytes, 8'000'000);
  if (*limit == 0) {
    finding.level = Level::warning;
    finding.what += ": a server that hangs lets Redis fill the memory";
    finding.mend = "set client-output-buffer-limit \"pubsub 256mb 64mb 60\"";
  } else if (*limit < least) {
    finding.level = Level::warning;
    finding.what +=
        ": Redis disconnects a server that has more to read, a few of its longest messages";
    finding.mend = "set client-output-buffer-limit \"pubsub 256mb 64mb 60\"";
  }
  return finding;
}

std::optional<Finding> check_clients(const RedisFacts& facts) {
  Finding finding{.check = "Redis maxclients"};
  const auto most = parse_count(text_in(facts.settings, "maxclients"));
  const auto now = parse_count(text_in(facts.info, "connected_clients"));
  if (!most || !now) return std::nullopt;
  finding.what = std::to_string(*most) + ", connected are " + std::to_string(*now);
  if (*now + *now / 4 + 2 <= *most) return finding;
  finding.level = Level::warning;
  finding.what += "; each server needs two";
  finding.mend = "raise maxclients";
  return finding;
}

std::optional<Finding> check_timeout(const RedisFacts& facts, const RedisOptions& options) {
  Finding finding{.check = "Redis timeout"};
  const auto seconds = parse_count(text_in(facts.settings, "timeout"));
  if (!seconds) return std::nullopt;
  finding.what = *seconds == 0 ? "none" : std::to_string(*seconds) + " s";
  // A server publishes a probe at least this often.
  const auto probes = std::chrono::ceil<std::chrono::seconds>(2 * options.probe_interval);
  if (*seconds == 0 || *seconds > static_cast<std::uint64_t>(probes.count())) return finding;
  finding.level = Level::warning;
  finding.what += ": Redis disconnects servers that are silent for a moment";
  finding.mend = "set timeout to 0";
  return finding;
}

std::optional<Finding> check_mode(const RedisFacts& facts, const RedisOptions& options) {
  Finding finding{.check = "Redis mode"};
  const bool by_cluster = options.url.starts_with("redis-cluster://");
  const bool is_cluster = text_in(facts.info, "cluster_enabled") == "1";
  if (by_cluster) {
    finding.what =
        "Cluster, state " + (facts.cluster_state.empty() ? "not known" : facts.cluster_state);
    if (facts.cluster_state.empty() || facts.cluster_state == "ok") return finding;
    finding.level = Level::error;
    finding.mend = "look at CLUSTER INFO";
  } else if (is_cluster) {
    finding.level = Level::warning;
    finding.what =
        "a node of a Cluster, but the URL names one node: when it fails, so does the server";
    finding.mend = "write redis-cluster://HOST,HOST";
  } else if (options.url.starts_with("redis-sentinel://")) {
    finding.what = "the master that the Sentinels name is " + facts.peer;
  } else {
    finding.what = text_in(facts.info, "redis_mode");
    if (finding.what.empty()) return std::nullopt;
  }
  return finding;
}

/// What a server does without, if it does; empty: it needs the right.
std::string_view lost_without(std::string_view right) {
  if (right == rights::kServers) return "the HTTP API and the admin page know one server alone";
  if (right == rights::kStore) return "each server remembers its own idempotency keys alone";
  return {};
}

Findings check_rights(const RedisFacts& facts) {
  Findings findings;
  for (const auto& [command, refusal] : facts.refusals) {
    Finding finding{.check = "Redis " + command, .what = "allowed"};
    if (!refusal.empty()) {
      const std::string_view lost = lost_without(command);
      finding.level = lost.empty() ? Level::error : Level::warning;
      finding.what = refusal;
      if (!lost.empty()) finding.what.append("; without it ").append(lost);
      finding.mend = "give the user the rights of docs/operations.md, Several servers";
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace

Findings check_redis(const RedisFacts& facts, const RedisOptions& options) {
  if (!facts.failure.empty()) {
    return {{.level = Level::error,
             .check = "Redis",
             .what = facts.failure,
             .mend = "start it, or correct --redis"}};
  }
  Findings findings{{.check = "Redis", .what = "reached at " + facts.peer}};
  bool all_known = true;
  for (auto& finding :
       {check_version(facts), check_mode(facts, options), check_buffer(facts, options),
        check_clients(facts), check_timeout(facts, options)}) {
    if (finding) findings.push_back(*finding);
    all_known = all_known && finding;
  }
  if (!all_known) {
    findings.push_back({.level = Level::warning,
                        .check = "Redis settings",
                        .what = "not all known: the user may not ask for INFO or CONFIG GET",
                        .mend = "look at them as a user who may"});
  }
  if (facts.clock_ahead) findings.push_back(check_redis_clock(*facts.clock_ahead));
  findings += check_rights(facts);
  return findings;
}

bool is_local_redis(const std::string& url) {
  if (url.starts_with("unix://")) return true;
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return false;
  std::string_view host = std::string_view(url).substr(scheme + 3);
  host = host.substr(0, host.find('/'));
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  constexpr std::array<std::string_view, 3> local = {"127.", "localhost", "[::1]"};
  return std::ranges::any_of(local, [host](auto start) { return host.starts_with(start); });
}

}  // namespace wscast::program
