#pragma once

#include <string>
#include <string_view>

namespace wscast::program {

/// Whether a user and a password may stand in a URL.
enum class UrlUser : bool { refused, allowed };

/// Whether `text` is an http:// or https:// URL with a host and without a fragment.
bool is_http_url(const std::string& text, UrlUser user);

/// Returns the URL `text` for logs and messages: without user, password and query, which may be
/// secrets. "(an invalid URL)" if it is none.
std::string shown_url(const std::string& text);

}  // namespace wscast::program
