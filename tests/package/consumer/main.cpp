#include <cstdio>

#include <wscast/server.h>

/// A program outside the project: makes a server that rejects every client, prints its address, and
/// ends.
int main() {
  wscast::ServerOptions options;
  options.broker = wscast::memory_broker();
  options.hooks.authenticate = [](const wscast::AuthenticateRequest&) { return std::nullopt; };
  wscast::Server server(std::move(options));
  server.configure();
  std::printf("listening on %s\n", server.listen("127.0.0.1:0").c_str());
  server.shutdown();
  server.wait();
}
