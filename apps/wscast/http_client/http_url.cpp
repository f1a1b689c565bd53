#include "http_client/http_url.h"

#include <memory>

#include <curl/curl.h>

#include "one_line.h"

namespace wscast::program {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

/// Null if `text` is not a URL.
Url parse(const std::string& text, unsigned flags) {
  Url url(curl_url(), curl_url_cleanup);
  if (url && curl_url_set(url.get(), CURLUPART_URL, text.c_str(), flags) != CURLUE_OK) url.reset();
  return url;
}

}  // namespace

bool is_http_url(const std::string& text, UrlUser user) {
  const std::string_view scheme = text.starts_with("https://") ? "https://" : "http://";
  // libcurl also accepts one slash, or three.
  if (!text.starts_with(scheme) || text.substr(scheme.size()).starts_with('/')) return false;
  if (text.find('#') != std::string::npos || one_line(text) != text) return false;
  return parse(text, user == UrlUser::refused ? CURLU_DISALLOW_USER : 0) != nullptr;
}

std::string shown_url(const std::string& text) {
  const Url url = parse(text, 0);
  if (!url) return "(an invalid URL)";
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS,
                               CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    curl_url_set(url.get(), part, nullptr, 0);
  }
  char* shown = nullptr;
  if (curl_url_get(url.get(), CURLUPART_URL, &shown, 0) != CURLUE_OK) return "(an invalid URL)";
  const std::unique_ptr<char, decltype(&curl_free)> owner(shown, curl_free);
  return one_line(shown);
}

}  // namespace wscast::program
