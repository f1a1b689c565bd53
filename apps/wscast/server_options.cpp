#include "server_options.h"

#include "console.h"
#include "rooms/room_rules.h"

namespace wscast::program {

ServerOptions server_options(const ServeArguments& arguments) {
  ServerOptions options = arguments.options;
  options.transport.io = io_option(arguments);
  if (arguments.encryption != "off") options.encryption = ecdh();
  if (arguments.encryption == "optional") options.encryption->clients = Encryption::optional;
  options.measure = arguments.api.served();
  options.history = history_rules(arguments.rooms);
  options.http.health = true;
  options.http.ready = true;
  if (arguments.has_console()) {
    options.http.stats = true;
    options.http.pages = console_pages(
        {.path = options.path, .encryption = arguments.encryption, .examples = arguments.dev});
  }
  return options;
}

Io io_option(const ServeArguments& arguments) {
  if (arguments.io == "epoll") return Io::epoll;
  return arguments.io == "uring" ? Io::uring : Io::automatic;
}

}  // namespace wscast::program
