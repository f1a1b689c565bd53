#include "api/request_target.h"

#include <algorithm>

namespace wscast::program {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// The size of `http://` or `https://` at the front; 0: there is none.
std::size_t scheme_size(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (std::ranges::equal(target.substr(0, scheme.size()), scheme, {}, lower)) {
      return scheme.size();
    }
  }
  return 0;
}

}  // namespace

std::optional<RequestTarget> read_target(std::string_view target) {
  RequestTarget read;
  if (!target.starts_with('/')) {
    if (const std::size_t scheme = scheme_size(target); scheme > 0) {
      target.remove_prefix(scheme);
      read.host = target.substr(0, target.find_first_of("/?"));
      // RFC 9110 section 4.2.4: a user in front of the host is not to be trusted.
      if (read.host.empty() || read.host.find('@') != std::string_view::npos) return std::nullopt;
      target.remove_prefix(read.host.size());
    }
  }
  const auto question = target.find('?');
  read.path = target.substr(0, question);
  if (question != std::string_view::npos) read.query = target.substr(question + 1);
  if (read.path.empty()) read.path = "/";
  return read;
}

}  // namespace wscast::program
