#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "integration/server_fixture.h"

namespace wscast::faults {

/// How far a client has come.
enum class Stage : std::uint8_t {
  start,
  responded,  ///< To a request for which the connection was handed over; then it came back.
  connected,
  authenticated,
  joined,
  published,  ///< It has received what the server sent it for that.
  closed,     ///< By a close frame of both sides, where there are frames.
};

/// What a victim says, and the beginning of what it is answered.
struct Step {
  Stage reached;  ///< Once it is answered.
  std::string text;
  std::string_view answer;
};

/// `public_key`: what stands behind the token, if anything.
inline Step authenticate_step(const std::string& public_key = "") {
  return {
      .reached = Stage::authenticated,
      .text = R"({"event":"authenticate","data":{"token":"victim, who has a rather long name")" +
              public_key + "}}",
      .answer = R"({"event":"connected")"};
}

inline Step join_step() {
  return {
      .reached = Stage::joined,
      .text = R"({"event":"join","data":{"rooms":["lobby","a room of the victim alone"]},"id":1})",
      .answer = R"({"event":"ack")"};
}

inline Step publish_step() {
  return {.reached = Stage::published,
          .text = message("chat", R"({"room":"lobby","data":"from the victim"})"),
          .answer = R"({"event":"published")"};
}

}  // namespace wscast::faults
