#include "wscast/server_options.h"

#include <string_view>

#include "base/history_bounds.h"
#include "base/trusted_proxies.h"
#include "broker/broker.h"
#include "protocol/json_scanner.h"
#include "protocol/rooms_request.h"
#include "protocol/utf8.h"

namespace wscast {
namespace {

using std::chrono::milliseconds;

/// Collects what is wrong, one sentence each.
class OptionFaults {
 public:
  void check(bool good, std::string sentence) {
    if (!good) sentences_.push_back(std::move(sentence));
  }
  std::vector<std::string> sentences() && { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

bool has_only(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

/// Whether `segment` is `.` or `..`, percent-encoded or not: browsers resolve it before they send
/// it.
bool is_dots(std::string_view segment) {
  std::size_t dots = 0;
  for (; !segment.empty(); ++dots) {
    const bool encoded = segment.starts_with("%2e") || segment.starts_with("%2E");
    if (!encoded && !segment.starts_with('.')) return false;
    segment.remove_prefix(encoded ? 3 : 1);
  }
  return dots == 1 || dots == 2;
}

bool has_bad_percent(std::string_view path) {
  for (auto at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    const auto digits = path.substr(at + 1, 2);
    if (digits.size() < 2 || !has_only(digits, "0123456789abcdefABCDEF")) return true;
  }
  return false;
}

/// Whether browsers and other clients send `path` exactly as it is written (RFC 3986 section 3.3).
bool is_sent_unchanged(std::string_view path) {
  constexpr std::string_view characters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/%";
  if (!path.starts_with('/') || !has_only(path, characters) || has_bad_percent(path)) return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    if (is_dots(segment)) return false;
    path.remove_prefix(segment.size());
  }
  return true;
}

/// Whether `text` is an origin as browsers send it (RFC 6454 section 6.2): in lower case, without a
/// path and without the default port of the scheme. Origins are compared byte by byte, so another
/// form would never match.
bool is_origin(std::string_view text) {
  if (text == "null") return true;
  constexpr std::string_view scheme_characters = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
  constexpr std::string_view host_characters = "abcdefghijklmnopqrstuvwxyz0123456789-._[]:";
  const auto mark = text.find("://");
  if (mark == 0 || mark == std::string_view::npos) return false;
  const auto scheme = text.substr(0, mark);
  const auto authority = text.substr(mark + 3);
  if (!has_only(scheme, scheme_characters) || !has_only(authority, host_characters)) return false;
  const auto colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
  if (colon == std::string_view::npos) return !authority.empty();
  const auto port = authority.substr(colon + 1);
  const std::string_view default_port = scheme == "https" ? "443" : scheme == "http" ? "80" : "";
  return colon > 0 && !port.empty() && port != default_port && has_only(port, "0123456789");
}

void check_proxies(const std::vector<std::string>& entries, OptionFaults& faults) {
  for (const auto& entry : entries) {
    if (entry == TrustedProxies::kUnix || AddressRange::parse(entry)) continue;
    const auto start = AddressRange::starting_at(entry);
    faults.check(false,
                 "transport.trusted_proxies: \"" + entry +
                     (start ? "\" is not the first address of its network: write " + *start + "."
                            : "\" is neither an address, nor a network such as 10.0.0.0/8, "
                              "nor unix."));
  }
}

void check(const DeflateOptions& options, OptionFaults& faults) {
  faults.check(options.level >= 1 && options.level <= 9,
               "transport.per_message_deflate.level must be 1 to 9.");
  faults.check(options.memory_level >= 1 && options.memory_level <= 9,
               "transport.per_message_deflate.memory_level must be 1 to 9.");
  faults.check(options.max_window_bits >= 9 && options.max_window_bits <= 15,
               "transport.per_message_deflate.max_window_bits must be 9 to 15.");
  faults.check(options.max_inflated_before_auth > 0,
               "transport.per_message_deflate.max_inflated_before_auth must not be 0.");
}

void check(const TransportOptions& options, OptionFaults& faults) {
  check(options.per_message_deflate, faults);
  faults.check(options.max_payload_length > 0, "transport.max_payload_length must not be 0.");
  faults.check(options.max_head_bytes > 0, "transport.max_head_bytes must not be 0.");
  faults.check(options.idle_timeout >= milliseconds(0) && options.head_timeout >= milliseconds(0) &&
                   options.message_timeout >= milliseconds(0) &&
                   options.close_timeout >= milliseconds(0) &&
                   options.drain_timeout >= milliseconds(0),
               "transport: a timeout must not be negative.");
  check_proxies(options.trusted_proxies, faults);
}

void check(const SessionOptions& options, OptionFaults& faults) {
  faults.check(options.auth_timeout > milliseconds(0), "session.auth_timeout must be positive.");
  faults.check(options.expiry_grace >= milliseconds(0),
               "session.expiry_grace must not be negative.");
  faults.check(options.heartbeat_interval > milliseconds(0),
               "session.heartbeat_interval must be positive.");
  faults.check(options.heartbeat_timeout > milliseconds(0),
               "session.heartbeat_timeout must be positive.");
  faults.check(options.max_waiting_messages > 0, "session.max_waiting_messages must not be 0.");
  faults.check(options.max_json_depth > 0 && options.max_json_depth <= protocol::kMaxJsonDepth,
               "session.max_json_depth must be 1 to 256.");
  faults.check(options.encrypted_batch_limit > 0, "session.encrypted_batch_limit must not be 0.");
  faults.check(options.transform_timeout > milliseconds(0),
               "session.transform_timeout must be positive.");
  for (const auto& room : options.default_rooms) {
    faults.check(protocol::is_valid_room_name(room),
                 "session.default_rooms: \"" + room + "\" is not a room name.");
  }
}

void check(const HttpHandover& handover, OptionFaults& faults) {
  for (const auto& path : handover.paths) {
    faults.check(is_sent_unchanged(path) && !path.ends_with('/'),
                 "http.handover.paths: \"" + path +
                     "\" is not a path as browsers send it, without a slash at its end, such as "
                     "/api.");
  }
  faults.check(handover.paths.empty() || static_cast<bool>(handover.take),
               "http.handover.paths needs http.handover.take.");
}

void check(const HistoryRule& rule, OptionFaults& faults) {
  const std::string name = "history: \"" + rule.match + "\"";
  faults.check(!rule.match.empty() && protocol::is_utf8(rule.match),
               name + " is neither a room nor a pattern.");
  faults.check(is_valid_history_size(rule.limits), name + ": size must be 1 to 100000.");
  faults.check(is_valid_history_ttl(rule.limits), name + ": ttl must be 1 s to 30 days.");
}

}  // namespace

std::vector<std::string> ServerOptions::validate() const {
  OptionFaults faults;
  faults.check(broker != nullptr, "broker is missing: memory_broker() makes one.");
  faults.check(static_cast<bool>(hooks.authenticate), "hooks.authenticate is missing.");
  faults.check(is_sent_unchanged(path),
               "path: \"" + path + "\" is not a path as browsers send it, such as /ws.");
  for (const auto& origin : allowed_origins) {
    faults.check(is_origin(origin), "allowed_origins: \"" + origin +
                                        "\" is not an origin as browsers send it, such as "
                                        "https://example.com.");
  }
  faults.check(!http.pages.contains(path), "http.pages has a page at the WebSocket path.");
  check(http.handover, faults);
  // Without a transformer encrypted clients could receive nothing (protocol.md E7).
  faults.check(
      session.encryption == Encryption::off || static_cast<bool>(hooks.outbound_transformer),
      "session.encryption needs hooks.outbound_transformer.");
  if (encryption) {
    faults.check(encryption->clients != Encryption::off,
                 "encryption.clients must not be off: leave encryption out instead.");
    faults.check(protocol::is_utf8(encryption->info), "encryption.info is not UTF-8.");
    faults.check(
        session.encryption == Encryption::off && !hooks.handshake && !hooks.outbound_transformer,
        "encryption takes the place of session.encryption, hooks.handshake and "
        "hooks.outbound_transformer: leave them out.");
  }
  check(transport, faults);
  check(session, faults);
  for (const HistoryRule& rule : history) check(rule, faults);
  faults.check(
      history.empty() || broker == nullptr || broker->history() != nullptr,
      "history needs a broker that keeps it: a memory_broker(), or a redis_broker() without "
      "a Cluster.");
  faults.check(max_inbox_bytes >= transport.max_payload_length,
               "max_inbox_bytes must be at least transport.max_payload_length: a longer message "
               "could never be passed to another thread.");
  return std::move(faults).sentences();
}

}  // namespace wscast
