// A chat on wscast's public API: accounts, rooms with a history, whispers. See chat.h.

#include <exception>
#include <iostream>
#include <signal.h>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "wscast/descriptor_limit.h"

#include "chat.h"

namespace {

/// Call it before there are threads, which inherit the blocked signals.
sigset_t block_ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void serve(const std::vector<std::string>& endpoints, std::size_t shards) {
  const sigset_t signals = block_ending_signals();
  wscast::raise_descriptor_limit();
  chat::Chat chat(shards);
  chat.server().configure();
  for (const auto& endpoint : endpoints) {
    const std::string address = chat.server().listen(endpoint);
    std::cout << "listening on " << address << std::endl;
  }
  int signal = 0;
  sigwait(&signals, &signal);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A chat on wscast", "chat"};
  std::vector<std::string> endpoints;
  std::size_t shards = 0;
  app.add_option("--listen", endpoints, "HOST:PORT, [IPV6]:PORT or unix:PATH")
      ->default_str("127.0.0.1:9003");
  app.add_option("--shards", shards, "Threads that serve clients; 0: one per core");
  try {
    app.parse(argc, argv);
    if (endpoints.empty()) endpoints.emplace_back("127.0.0.1:9003");
    serve(endpoints, shards);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "chat: " << error.what() << "\n";
    return 2;
  }
}
