#include "wscast/server_options.h"

#include "protocol/json_scanner.h"
#include "protocol/rooms_request.h"

namespace wscast {
namespace {

using std::chrono::milliseconds;

class Faults {
 public:
  void check(bool good, std::string sentence) {
    if (!good) sentences_.push_back(std::move(sentence));
  }
  std::vector<std::string> take() { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

void check(const TransportOptions& options, Faults& faults) {
  faults.check(options.max_payload_length > 0, "transport.max_payload_length must not be 0.");
  faults.check(options.head_bytes_max > 0, "transport.head_bytes_max must not be 0.");
  faults.check(options.idle_timeout >= milliseconds(0) && options.head_timeout >= milliseconds(0) &&
                   options.message_timeout >= milliseconds(0) &&
                   options.close_timeout >= milliseconds(0),
               "transport: a timeout must not be negative.");
}

void check(const SessionOptions& options, Faults& faults) {
  faults.check(options.auth_timeout > milliseconds(0), "session.auth_timeout must be positive.");
  faults.check(options.heartbeat_interval > milliseconds(0),
               "session.heartbeat_interval must be positive.");
  faults.check(options.heartbeat_timeout > milliseconds(0),
               "session.heartbeat_timeout must be positive.");
  faults.check(options.waiting_messages_max > 0, "session.waiting_messages_max must not be 0.");
  faults.check(options.json_depth_max > 0 && options.json_depth_max <= protocol::kJsonDepthMax,
               "session.json_depth_max must be 1 to 256.");
  faults.check(options.encrypted_batch_limit > 0, "session.encrypted_batch_limit must not be 0.");
  for (const auto& room : options.default_rooms) {
    faults.check(protocol::is_valid_room_name(room),
                 "session.default_rooms: \"" + room + "\" is no room name.");
  }
}

}  // namespace

std::vector<std::string> ServerOptions::validate() const {
  Faults faults;
  faults.check(broker != nullptr, "broker is missing: memory_broker() makes one.");
  faults.check(static_cast<bool>(hooks.authenticate), "hooks.authenticate is missing.");
  faults.check(path.starts_with('/'), "path must begin with a slash.");
  faults.check(path.find_first_of("?#") == std::string::npos, "path must have no query.");
  faults.check(!http.pages.contains(path), "http.pages has a page at the WebSocket path.");
  // protocol.md E7: such clients would go deaf.
  faults.check(
      session.encryption == Encryption::off || static_cast<bool>(hooks.outbound_transformer),
      "session.encryption needs hooks.outbound_transformer.");
  check(transport, faults);
  check(session, faults);
  return faults.take();
}

}  // namespace wscast
