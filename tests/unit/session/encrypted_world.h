#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "support/ecdh_client.h"
#include "support/session_world.h"

namespace wscast::session {

/// A World of clients of the ready-made encryption, and both ends of one of them.
class EncryptedWorld : public testing::Test {
 protected:
  /// To be called first, with whatever options are set.
  void enter() {
    world_.encrypt();
    client_ = &world_.open();
    client_->receive(R"({"event":"authenticate","data":)" + peer_.authenticate_data() + "}");
    world_.complete_all();
    peer_.learn_from(client_->take_sent().at(0));
    world_.forget();
  }

  /// What the client has read since the last call, decrypted; a close as FakeTransport has it, and
  /// what was not encrypted with a word about that.
  Texts read() {
    world_.complete_all();
    return take_read();
  }

  /// The same, of what has left already.
  Texts take_read() {
    Texts texts = client_->take_sent();
    for (std::string& text : texts) {
      if (text.starts_with("close ")) continue;
      text = peer_.open(text).value_or("in the clear: " + text);
    }
    return texts;
  }

  static std::string event(int n) { return R"({"event":"e","data":)" + std::to_string(n) + "}"; }

  World world_;
  EcdhClient peer_;
  Client* client_ = nullptr;
};

}  // namespace wscast::session
