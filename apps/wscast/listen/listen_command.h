#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// The arguments of `wscast listen`.
struct ListenArguments {
  std::string url{};
  std::string token;
  std::string token_file;  ///< Read anew for each connection; goes before `token`.
  std::vector<std::string> rooms;
  std::string ca_file{};  ///< Of the CA that must have signed the certificate; empty: the system's.
  bool json = false;
  std::size_t count = 0;                 ///< 0: no end.
  std::chrono::milliseconds timeout{0};  ///< 0: none.
  std::size_t max_message = std::size_t{64} * 1024 * 1024;
};

/// Adds the flags of `listen` to `app`; `arguments` is filled when it parses, and must outlive it.
void add_listen_flags(CLI::App& app, ListenArguments& arguments);

/// Prints the messages that a client gets, until a signal, --count or --timeout. Returns the exit
/// code. Throws if the arguments cannot be used.
int listen(const ListenArguments& arguments);

}  // namespace wscast::program
