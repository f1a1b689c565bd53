#include <cstdio>

#include <wscast/server.h>

/// A program of somebody else: makes a server that lets nobody in, says where it listens, and ends.
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
