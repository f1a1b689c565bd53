#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "wscast/ready_state.h"

namespace wscast {

/// A client's connection as its hooks see it (the reference's `IWebSocket`). Valid during the call
/// of the hook alone, on the thread of the client's shard.
class ClientSocket {
 public:
  virtual ~ClientSocket() = default;

  /// Sends `payload` as it is, as one text or binary message. Text must be UTF-8. Returns > 0:
  /// accepted; 0: dropped; -1: accepted, but queued behind bytes that the kernel refused
  /// (protocol.md T12). For an encrypted client it returns 0 and counts `raw_refused` (E1).
  /// `compress`: false keeps the message as it is where `TransportOptions::per_message_deflate`
  /// would compress it, such as a secret beside text that others choose (T7).
  virtual int send(std::string_view payload, bool binary, bool compress) = 0;

  /// The same, compressed where the options and the client allow it.
  int send(std::string_view payload, bool binary) { return send(payload, binary, true); }

  /// Sends `text` as one text message; returns the same.
  int send(std::string_view text) { return send(text, false); }

  /// Sends a close frame and removes the client from the server's rooms and queries before it
  /// returns. No-op when `code` is not valid in a close frame, or when `reason` is not UTF-8 or is
  /// longer than 123 bytes.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  /// Closes without a reason.
  void close(std::uint16_t code = 1000) { close(code, {}); }

  /// The client's address in text, without the port: the peer's, or, if that is one of
  /// `TransportOptions::trusted_proxies`, what it says. Empty if it has none (a Unix socket).
  virtual std::string remote_address() const = 0;

  virtual ReadyState ready_state() const = 0;

  /// Subscribes the client to a topic of this server. Topics are separate from rooms: only
  /// publish() reaches their subscribers. No-op if subscribed already.
  virtual void subscribe(std::string_view topic) = 0;

  /// No-op if not subscribed.
  virtual void unsubscribe(std::string_view topic) = 0;

  virtual bool is_subscribed(std::string_view topic) const = 0;

  /// Sends `text` as it is to the topic's subscribers on this server; to this client too only if
  /// it is subscribed and `TransportOptions::publish_to_self` is set (protocol.md T8). Encrypted
  /// subscribers are skipped and counted (`raw_refused`).
  virtual void publish(std::string_view topic, std::string_view text) = 0;

  /// Runs `write` at once; everything that it sends leaves in one write. All sends of one hook do
  /// so anyway: this is for programs that were written for the reference.
  void cork(const std::function<void(ClientSocket&)>& write) { write(*this); }
};

}  // namespace wscast
