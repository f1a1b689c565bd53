#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::program {

/// What a listener says to a server, and what it makes of the replies (docs/protocol.md). No I/O.
class ListenDialogue {
 public:
  enum class State : std::uint8_t {
    authenticating,
    joining,
    listening,
    refused,  ///< See refusal().
  };

  /// What follows from a message.
  struct Step {
    std::string send{};   ///< A message to answer with; empty: none.
    bool prints = false;  ///< It is not about this dialogue.
  };

  explicit ListenDialogue(std::vector<std::string> rooms) : rooms_(std::move(rooms)) {}

  /// A connection is open: begins anew. Returns the message to send.
  std::string begin(std::string_view token);

  Step on_message(std::string_view message);

  State state() const { return state_; }

  /// The server's words for what it refused, which nobody has made safe to show.
  const std::string& refusal() const { return refusal_; }

  /// Who the server says this is: its user, or its client id.
  const std::string& identity() const { return identity_; }

 private:
  std::string on_connected(std::string_view data);
  void on_joined(std::string_view event, std::string_view data);

  const std::vector<std::string> rooms_;
  State state_ = State::authenticating;
  std::string refusal_;
  std::string identity_;
};

}  // namespace wscast::program
