// Lets bytes decide what a client gives as its public key and sends as encrypted data, and holds
// that nothing but what its own key made comes through, once and in order.

#include <array>
#include <optional>
#include <string>

#include <openssl/err.h>

#include "base/base64.h"
#include "choices.h"
#include "session/encrypted_channel.h"
#include "stream.h"
#include "support/ecdh_client.h"
#include "support/fake_random.h"

namespace wscast {
namespace {

using fuzz::require;

crypto::Key256 key_of(const EcdhClient::Key& bytes) {
  crypto::Key256 key;
  std::ranges::copy(bytes, key.bytes().begin());
  return key;
}

/// The two ends of one connection, whose keys do not come from an agreement.
class Channel {
 public:
  explicit Channel(fuzz::Choices& choices) : choices_(choices) {}

  void run() {
    while (!choices_.done()) {
      switch (choices_.below(5)) {
        case 0:
          random_.fails = choices_.yes();
          return agree(choices_.text());
        case 1:
          require(!channel_.open(choices_.text()), "nobody else's data opens");
          break;
        case 2:
          send_changed(choices_.text());
          break;
        case 3:
          random_.fails = choices_.below(8) == 1;
          receive(choices_.text());
          break;
        default:
          send(choices_.text(), choices_.below(256));
      }
      require(ERR_peek_error() == 0, "nothing is left for the next user of OpenSSL");
    }
  }

 private:
  static EcdhClient make_peer() {
    static const EcdhClient::Key to_client{1}, to_server{2};
    EcdhClient peer;
    peer.to_client = to_client;
    peer.to_server = to_server;
    return peer;
  }

  /// As a key, and as the data of `authenticate`.
  void agree(const std::string& text) {
    crypto::KeyAgreement agreement(std::string(EcdhClient::kInfo), random_);
    const auto agreed = agreement.agree(text);
    crypto::Point point;
    const bool readable = base64_decode(text, point) == point.size() && point[0] == 4;
    require(!agreed || (readable && base64_encode(point) == text), "S7: one form alone is taken");
    require(!agreed || !random_.fails, "keys are random");
    scheme_.agree(text);
    const auto again = scheme_.agree(R"({"publicKey":")" + text + "\"}");
    require(agreed.has_value() <= again.has_value(), "S4: the key of the data");
    require(ERR_peek_error() == 0, "nothing is left for the next user of OpenSSL");
  }

  void receive(const std::string& text) {
    const ws::FrameRef sealed = channel_.seal(ws::make_frame(ws::Opcode::text, text));
    if (!sealed) return require(random_.fails, "S6: everything can be sealed");
    const auto payload = sealed.bytes().last(sealed.payload_size());
    const auto opened = peer_.open(std::string(payload.begin(), payload.end()));
    require(opened == text, "S6: the client reads what was sent");
  }

  static std::string data_of(const std::string& message) {
    const std::string before = R"({"event":"encrypted","data":)";
    return message.substr(before.size(), message.size() - before.size() - 1);
  }

  void send(const std::string& text, std::uint64_t counter) {
    const std::string data = data_of(peer_.seal(text, peer_.iv(counter)));
    const bool grows = !last_ || counter > *last_;
    const auto opened = channel_.open(data);
    require(opened.has_value() == grows, "S8: the counter grows");
    if (!opened) return;
    require(opened == text, "S8: the server reads what was sent");
    require(!channel_.open(data), "S8: but once");
    last_ = counter;
  }

  /// A good message with some bytes of its JSON text changed.
  void send_changed(const std::string& text) {
    const std::uint64_t counter = last_.value_or(0) + 1;
    const std::string data = data_of(peer_.seal(text, peer_.iv(counter)));
    std::string changed = data;
    for (auto left = 1 + choices_.below(3); left > 0; --left) {
      const std::size_t at = choices_.below(256) * changed.size() / 256;
      changed.replace(at, choices_.below(3), choices_.text().substr(0, 4));
    }
    const auto opened = channel_.open(changed);
    require(!opened || opened == text, "S8: what opens is what was sealed");
    if (!opened) require(channel_.open(data) == text, "S8: what failed has moved nothing");
    last_ = counter;
  }

  fuzz::Choices& choices_;
  FakeRandom random_;
  session::ChannelContext scheme_{std::string(EcdhClient::kInfo), random_};
  EcdhClient peer_ = make_peer();
  session::EncryptedChannel channel_{scheme_,
                                     {{}, {}, key_of(peer_.to_client), key_of(peer_.to_server)}};
  std::optional<std::uint64_t> last_;  ///< Counter of what came through.
};

}  // namespace
}  // namespace wscast

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wscast::fuzz::Choices choices(data, size);
  wscast::Channel(choices).run();
  return 0;
}
