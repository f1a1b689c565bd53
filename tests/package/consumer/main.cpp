#include <cstdio>
#include <future>
#include <string>

#include <wscast/client.h>
#include <wscast/server.h>

/// A program outside the project: makes a server that rejects every client, prints its address, has
/// a client closed by it, and ends.
int main() {
  wscast::ServerOptions options;
  options.broker = wscast::memory_broker();
  options.hooks.authenticate = [](const wscast::AuthenticateRequest&) { return std::nullopt; };
  wscast::Server server(std::move(options));
  server.configure();
  const std::string address = server.listen("127.0.0.1:0");
  std::printf("listening on %s\n", address.c_str());
  std::promise<wscast::ClientError> closed;
  wscast::Client client({.url = "ws://" + address + "/ws",
                         .on_state = [&closed](const wscast::ClientStateChange& change) {
                           if (change.state == wscast::ConnectionState::closed) {
                             closed.set_value(change.error);
                           }
                         }});
  if (closed.get_future().get().code != wscast::Errc::not_authenticated) return 1;
  server.shutdown();
  server.wait();
}
