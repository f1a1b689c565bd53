#include "listen/listen_command.h"

#include <stdexcept>

#include <CLI/CLI.hpp>

#include "flags.h"
#include "listen/listener.h"

namespace wscast::program {

void add_listen_flags(CLI::App& app, ListenArguments& arguments) {
  app.add_option("url", arguments.url,
                 "Of the server: ws://HOST:PORT/PATH, wss:// (TLS) or ws+unix:/SOCKET:/PATH; the "
                 "path may be left out if it is /ws")
      ->type_name("URL")
      ->required();
  Flags flags(app, "Options");
  flags.text("--token", arguments.token, "TOKEN",
             "Token to authenticate with. All users of the machine can read a command line");
  app.get_option("--token")->envname("WSCAST_TOKEN");
  flags.text("--token-file", arguments.token_file, "FILE",
             "File with the token, instead; it is read again for each connection");
  // A name may have a comma.
  app.add_option("--room", arguments.rooms, "Room to join; may be given several times")
      ->allow_extra_args(false)
      ->type_name("ROOM")
      ->group("Options");
  flags.text("--ca-file", arguments.ca_file, "FILE",
             "PEM file of the CA that must have signed the certificate of a wss:// server; none: "
             "those that the system trusts");
  flags.on("--json", arguments.json, "Print each message as a JSON object");
  flags.count("--count", arguments.count, "End after so many messages (0: never)");
  flags.duration("--timeout", arguments.timeout, "End when no message came for so long (0: never)");
  flags.size("--max-message", arguments.max_message, "The longest message to accept", kPositive);
}

int listen(const ListenArguments& arguments) {
  if (arguments.token.empty() && arguments.token_file.empty()) {
    throw std::invalid_argument(
        "listen needs --token TOKEN, --token-file FILE, or WSCAST_TOKEN in the environment");
  }
  return Listener(arguments).run();
}

}  // namespace wscast::program
