#include "server_url.h"

#include <string_view>

namespace wscast::program {

std::string with_path(const std::string& url) {
  constexpr std::string_view kUnix = "ws+unix:";
  if (url.starts_with(kUnix)) {
    return url.find(':', kUnix.size()) == std::string::npos ? url + ":/ws" : url;
  }
  const auto host = url.find("://");
  const bool no_path =
      host != std::string::npos && url.find_first_of("/?#", host + 3) == std::string::npos;
  return no_path ? url + "/ws" : url;
}

std::string without_query(const std::string& url) {
  return url.substr(0, url.find('?'));
}

}  // namespace wscast::program
