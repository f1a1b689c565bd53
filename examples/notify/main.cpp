// Notifications for users: a line `USER JSON` of standard input goes to all clients of that user.
//
//     notify HOST:PORT TOKEN=USER...
//
// A client authenticates with {"token":TOKEN}. The program ends with its input, or by SIGTERM.

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>

#include <wscast/json_fields.h>
#include <wscast/server.h>

class Notifier {
 public:
  explicit Notifier(std::map<std::string, std::string> users_by_token)
      : users_by_token_(std::move(users_by_token)) {}

  std::string start(const std::string& address) {
    server_.configure();
    return server_.listen(address);
  }

  void stop() {
    server_.shutdown();
    server_.wait();
  }

  void notify(const std::string& user, std::string_view json) {
    const auto report = [user](const wscast::PublishResult& result) {
      std::cout << user + ": " + std::to_string(result.accepted) + "\n" << std::flush;
    };
    const std::error_code error = server_.send_to_user({.user_id = user,
                                                        .event = "notification",
                                                        .data = wscast::Json::text(json),
                                                        .on_result = report});
    if (error) std::cerr << "not sent: " + error.message() + "\n";
  }

 private:
  wscast::ServerOptions options() {
    wscast::ServerOptions options;
    options.broker = wscast::memory_broker();
    options.hooks.authenticate = [this](const wscast::AuthenticateRequest& request) {
      return authenticate(request);
    };
    options.hooks.connected = [this](const wscast::ClientEvent& client) { greet(client); };
    return options;
  }

  std::optional<wscast::Identity> authenticate(const wscast::AuthenticateRequest& request) const {
    const auto fields = wscast::JsonFields::of(request.data);
    const auto token = fields ? fields->string("token") : std::nullopt;
    const auto user = users_by_token_.find(token.value_or(""));
    if (user == users_by_token_.end()) return std::nullopt;
    return wscast::Identity{.user_id = user->second};
  }

  void greet(const wscast::ClientEvent& client) {
    const auto devices = server_.get_clients_by_user(client.user_id).size();
    const std::string data = R"({"devices":)" + std::to_string(devices) + "}";
    server_.send_to_client(
        {.client_id = client.client_id, .event = "welcome", .data = wscast::Json::text(data)});
  }

  const std::map<std::string, std::string> users_by_token_;
  wscast::Server server_{options()};
};

int main(int argc, char** argv) {
  if (argc < 3) return std::cerr << "usage: notify HOST:PORT TOKEN=USER...\n", 2;
  std::map<std::string, std::string> users_by_token;
  for (const std::string pair : std::span(argv + 2, argv + argc)) {
    const std::string token = pair.substr(0, pair.find('='));
    users_by_token[token] = pair.substr(std::min(token.size() + 1, pair.size()));
  }
  sigset_t ending;  // The program handles signals; the library does not.
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);

  Notifier notifier(std::move(users_by_token));
  std::cout << "listening on " << notifier.start(argv[1]) << std::endl;
  std::thread([&notifier] {
    for (std::string line; std::getline(std::cin, line);) {
      const auto space = std::min(line.find(' '), line.size());
      notifier.notify(line.substr(0, space), std::string_view(line).substr(space));
    }
    kill(getpid(), SIGTERM);
  }).detach();

  int signal = 0;
  sigwait(&ending, &signal);
  notifier.stop();
  std::_Exit(0);  // Without waiting for the thread that may still be reading.
}
