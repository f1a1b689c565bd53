#pragma once

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace wscast::test {

/// What docs/operations.md gives that user, for an ACL SETUSER or a line of redis.conf.
inline std::vector<std::string> rights_in_the_manual(const std::string& user) {
  std::ifstream manual(WSCAST_DOCS "/operations.md");
  for (std::string line; std::getline(manual, line);) {
    std::istringstream words(line);
    std::vector<std::string> rights{std::istream_iterator<std::string>(words), {}};
    if (rights.size() > 2 && rights[0] == "user" && rights[1] == user) return rights;
  }
  throw std::runtime_error("no line for " + user);
}

}  // namespace wscast::test
