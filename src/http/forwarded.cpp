#include "http/forwarded.h"

#include <algorithm>
#include <string>
#include <vector>

#include "http/text.h"

namespace wscast::http {
namespace {

constexpr std::size_t kMaxPortDigits = 5;

bool is_port(std::string_view text) {
  if (text.starts_with('_')) return is_token(text);  // RFC 7239 section 6: hidden on purpose.
  return !text.empty() && text.size() <= kMaxPortDigits &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Whether the quote at `at` stands behind a backslash that escapes it.
bool is_escaped(std::string_view text, std::size_t at) {
  std::size_t backslashes = 0;
  while (backslashes < at && text[at - backslashes - 1] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

/// The last `separator` of `text` outside of quoted strings, read from the right: what stands left
/// of it, which a client may have written, has no say in it.
std::size_t rfind_unquoted(std::string_view text, char separator) {
  bool quoted = false;
  for (std::size_t at = text.size(); at-- > 0;) {
    if (text[at] == '"' && !(quoted && is_escaped(text, at))) quoted = !quoted;
    if (text[at] == separator && !quoted) return at;
  }
  return std::string_view::npos;
}

/// Takes the last element of `list`, which `separator` divides; returns it trimmed.
std::string_view take_last(std::string_view& list, char separator) {
  const std::size_t at = rfind_unquoted(list, separator);
  const std::size_t begin = at == std::string_view::npos ? 0 : at + 1;
  const std::string_view last = trimmed(list.substr(begin));
  list = list.substr(0, begin == 0 ? 0 : at);
  return last;
}

/// The text of a token or quoted string; `std::nullopt` when its quotes are wrong.
std::optional<std::string> unquoted(std::string_view value) {
  const bool quoted = value.starts_with('"');
  if (!quoted) {
    if (value.find('"') != std::string_view::npos) return std::nullopt;
    return std::string(value);
  }
  if (value.size() < 2 || !value.ends_with('"')) return std::nullopt;
  std::string text;
  const std::string_view inside = value.substr(1, value.size() - 2);
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '"') return std::nullopt;
    if (inside[i] == '\\' && ++i == inside.size()) return std::nullopt;
    text += inside[i];
  }
  return text;
}

/// The value of the one `for` of an element of Forwarded.
std::optional<std::string> for_of(std::string_view element) {
  std::optional<std::string> found;
  while (!element.empty()) {
    const std::string_view pair = take_last(element, ';');
    const std::size_t equals = pair.find('=');
    if (!equal_ignoring_case(pair.substr(0, equals), "for")) continue;
    if (found || equals == std::string_view::npos) return std::nullopt;
    found = unquoted(pair.substr(equals + 1));
    if (!found) return std::nullopt;
  }
  return found;
}

std::optional<IpAddress> hop_of_forwarded(std::string_view element) {
  const auto text = for_of(element);
  return text ? parse_hop(*text) : std::nullopt;
}

/// Walks the hops of one field from the right.
class Walk {
 public:
  explicit Walk(const TrustedProxies& trusted) : trusted_(trusted) {}

  bool over() const { return over_; }
  const std::optional<IpAddress>& client() const { return client_; }

  /// The next hop to the left; std::nullopt: it is no address.
  void add(const std::optional<IpAddress>& hop) {
    over_ = !hop || !trusted_.trusts(*hop) || ++hops_ == kMaxForwardedHops;
    if (hop) client_ = hop;
  }

 private:
  const TrustedProxies& trusted_;
  std::optional<IpAddress> client_;
  std::size_t hops_ = 0;
  bool over_ = false;
};

template <class Parse>
std::optional<IpAddress> walk(const std::vector<std::string_view>& lines, Parse parse,
                              const TrustedProxies& trusted) {
  Walk walk(trusted);
  for (auto line = lines.rbegin(); line != lines.rend() && !walk.over(); ++line) {
    for (std::string_view rest = *line; !rest.empty() && !walk.over();) {
      walk.add(parse(take_last(rest, ',')));
    }
  }
  return walk.client();
}

}  // namespace

std::optional<IpAddress> parse_hop(std::string_view text) {
  if (const auto address = IpAddress::parse(text)) return address;
  const std::size_t colon = text.rfind(':');
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && !(rest.front() == ':' && is_port(rest.substr(1)))) return std::nullopt;
    const std::string_view inside = text.substr(1, end - 1);
    if (inside.find(':') == std::string_view::npos) return std::nullopt;
    return IpAddress::parse(inside);
  }
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  if (host.find(':') != std::string_view::npos) return std::nullopt;
  return IpAddress::parse(host);
}

std::optional<IpAddress> forwarded_client(const RequestHead& head, const TrustedProxies& trusted) {
  const auto forwarded = field_values(head, "Forwarded");
  if (!forwarded.empty()) return walk(forwarded, hop_of_forwarded, trusted);
  return walk(field_values(head, "X-Forwarded-For"), parse_hop, trusted);
}

}  // namespace wscast::http
