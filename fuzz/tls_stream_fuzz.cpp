// Lets bytes decide what becomes of the ciphertext between an OpenSSL client and a TlsStream: where
// it is cut, damaged or held up. Holds that what is read is what was sent, all of it unless it was
// tampered with, and that nothing stays inside which no event would report.

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "choices.h"
#include "net/send_batch.h"
#include "net/tls/tls_stream.h"
#include "stream.h"
#include "support/tls_peer.h"

namespace wscast::net {
namespace {

using fuzz::require;

/// The stream below: the server reads what was carried to it, and writes as far as there is room.
class Wire final : public Stream {
 public:
  IoResult read(std::span<std::uint8_t> into) override {
    if (in.empty()) return {ended ? IoStatus::end : IoStatus::would_block};
    const std::size_t size = std::min({into.size(), in.size(), most_per_read});
    std::memcpy(into.data(), in.data(), size);
    in.erase(0, size);
    return {IoStatus::ok, size};
  }

  IoResult write(std::span<const iovec> pieces) override {
    if (broken) return {IoStatus::error};
    std::size_t taken = 0;
    for (const iovec& piece : pieces) {
      const std::size_t part = std::min(piece.iov_len, room);
      out.append(static_cast<const char*>(piece.iov_base), part);
      room -= part;
      taken += part;
    }
    return taken == 0 ? IoResult{IoStatus::would_block} : IoResult{IoStatus::ok, taken};
  }

  void shutdown_write() override {}
  std::size_t unacknowledged() const override { return 0; }
  void abort() override {}
  std::string remote_address() const override { return "192.0.2.1"; }

  std::string in;
  std::string out;
  std::size_t most_per_read = SIZE_MAX;
  std::size_t room = SIZE_MAX;
  bool ended = false;
  bool broken = false;
};

/// One connection: the client, the server, and the bytes on their way between.
class Scene {
 public:
  Scene(fuzz::Choices& choices, std::shared_ptr<TlsLayer> layer)
      : choices_(choices),
        layer_(std::move(layer)),
        client_({.name = choices.yes() ? "localhost" : "",
                 .alpn = choices.yes() ? "http/1.1" : "",
                 .tls_1_2 = choices.below(4) == 1}),
        stream_(std::in_place, wire_, layer_, counters_) {}

  void run() {
    if (choices_.yes()) settle();  // Else the handshake goes through what follows too.
    for (int steps = 0; steps < kMaxSteps && !choices_.done(); ++steps) step();
    if (whole_) check_completeness();
    require(received_.size() <= sent_.size() && sent_.starts_with(received_),
            "what is read is the beginning of what was sent");
    require(written_.starts_with(client_.received()), "what arrives is what was written, in order");
    stream_.reset();
    require(layer_->shared().handshakes.under_way() == 0, "each handshake has ended in the limit");
  }

 private:
  static constexpr int kMaxSteps = 200;
  static constexpr std::size_t kBuffer = std::size_t{64} * 1024;

  void step() {
    switch (choices_.below(12)) {
      case 0:
        return send(choices_.text());
      case 1:
        return send(std::string(choices_.below(256) * 200, 'l'));
      case 2:
        return carry(choices_.below(256));
      case 3:
        return carry(choices_.below(256) * 100);
      case 4:
        return queue(choices_.below(256) * (choices_.yes() ? 200 : 1));
      case 5:
        wire_.room = room();
        return write();
      case 6:
        wire_.most_per_read = 1 + choices_.below(256);
        return;
      case 7:
        client_.receive(take(wire_.out, choices_.below(256)));
        return;
      case 8:
        if (is_open() && !old()) client_.update_keys();
        return;
      case 9:
        return finish();
      case 10:
        return tamper();
      default:
        settle();
    }
  }

  bool old() { return SSL_version(client_.ssl()) < TLS1_3_VERSION; }
  bool is_open() const { return client_.established() && !closed_ && !left_ && !client_.failed(); }

  /// What the stream below takes from here on.
  std::size_t room() {
    const std::size_t chosen = choices_.below(256);
    return chosen == 255 ? SIZE_MAX : chosen;
  }

  static std::string take(std::string& from, std::size_t most) {
    std::string taken = from.substr(0, most);
    from.erase(0, taken.size());
    return taken;
  }

  void send(const std::string& text) {
    if (!is_open()) return;
    client_.send(text);
    sent_ += text;
  }

  /// Behind its FIN nothing comes.
  void collect() {
    const std::string made = client_.take_output();
    if (!left_) on_way_ += made;
  }

  /// Brings bytes of the client to the server, which then reads until it would have to wait.
  void carry(std::size_t most) {
    collect();
    wire_.in += take(on_way_, most);
    wire_.ended = left_ && on_way_.empty();
    read();
  }

  void read() {
    bool again = true;
    while (again) {
      const std::size_t before = wire_.in.size();
      const IoResult result = stream_->read(buffer_);
      require(result.bytes <= buffer_.size(), "it stays within its memory");
      if (result.status == IoStatus::ok) {
        received_.append(reinterpret_cast<const char*>(buffer_.data()), result.bytes);
      } else if (result.status != IoStatus::would_block) {
        over_ = true;
      }
      // As a poller does: it reports what is left, not what was decrypted.
      again = !over_ && (result.more || (!wire_.in.empty() && !stream_->wants_write() &&
                                         (wire_.in.size() < before || result.bytes > 0)));
    }
  }

  void queue(std::size_t size) {
    if (!stream_->established() || over_ || shut_) return;
    const char letter = static_cast<char>('a' + written_.size() % 26);
    unsent_ += std::string(size, letter);
    write();
  }

  /// As a connection does: the same bytes again, and more behind them, in one piece or two.
  void write() {
    if (stream_->wants_write()) read();
    while (!shut_ && !unsent_.empty() && stream_->established()) {
      const std::size_t first = unsent_.size() > 1 && choices_.yes() ? unsent_.size() / 2 : 0;
      std::string copy = unsent_;  // At another place in memory.
      std::vector<iovec> pieces;
      if (first > 0) pieces.push_back({copy.data(), first});
      pieces.push_back({copy.data() + first, copy.size() - first});
      const bool batched = ++writes_ % 2 == 0;
      const IoResult result = batched ? write_in_batch(copy, pieces) : stream_->write(pieces);
      require(result.status != IoStatus::end, "a write has no end");
      if (result.status == IoStatus::error) broken_ = true;
      if (result.status != IoStatus::ok) return attempt();
      require(result.bytes > 0 && result.bytes <= unsent_.size(), "a write moves what it says");
      written_ += take(unsent_, result.bytes);
    }
  }

  /// As a shard with io_uring does.
  IoResult write_in_batch(const std::string& all, const std::vector<iovec>& pieces) {
    SendBatch batch(scratch_);
    const EncodedBytes encoded =
        stream_->encode({reinterpret_cast<const std::uint8_t*>(all.data()), all.size()}, batch);
    if (encoded.wire.empty()) return stream_->write(pieces);
    const iovec piece{const_cast<std::uint8_t*>(encoded.wire.data()), encoded.wire.size()};
    return stream_->note_sent(encoded, wire_.write({&piece, 1}));
  }

  /// A record that waits may arrive before its write returns `ok`.
  void attempt() {
    if (broken_) unsent_.clear();
  }

  void finish() {
    switch (choices_.below(3)) {
      case 0:
        if (client_.established() && !closed_ && !left_) client_.close();
        closed_ = closed_ || client_.established();
        return;
      case 1:
        collect();
        left_ = true;
        return;
      default:
        if (!unsent_.empty() || !stream_->established()) return;
        stream_->shutdown_write();
        shut_ = true;
    }
  }

  void tamper() {
    collect();
    std::string& way = choices_.yes() ? on_way_ : wire_.out;
    const std::size_t at = way.empty() ? 0 : choices_.below(256) * way.size() / 256;
    const std::size_t size = std::min(choices_.below(32), way.size() - at);
    whole_ = false;
    switch (choices_.below(5)) {
      case 0:
        if (!way.empty()) way[at] = static_cast<char>(way[at] ^ (1 + choices_.below(255)));
        return;
      case 1:
        way.erase(at, size);
        return;
      case 2:
        way.insert(at, way.substr(at, size));
        return;
      case 3:
        way.replace(at, size, choices_.text());
        return;
      default:
        wire_.broken = true;
    }
  }

  /// Lets everything through until nobody has any more.
  void settle() {
    wire_.room = SIZE_MAX;
    wire_.most_per_read = SIZE_MAX;
    for (int i = 0; i < 20; ++i) {
      carry(SIZE_MAX);
      write();
      client_.receive(take(wire_.out, SIZE_MAX));
    }
  }

  void check_completeness() {
    const bool begun = client_.established() || !left_;
    settle();
    require(!begun || broken_ || shut_ || client_.established(), "an honest handshake succeeds");
    require(wire_.in.empty() || over_, "everything is read");
    require(received_ == sent_, "what was sent arrives completely");
    require(!client_.failed() || !begun, "a client that breaks no rule gets no alert");
    require(unsent_.empty() || shut_ || over_, "everything is written");
    require(shut_ || client_.received() == written_, "what was written arrives completely");
  }

  fuzz::Choices& choices_;
  const std::shared_ptr<TlsLayer> layer_;
  Counters counters_;
  Wire wire_;
  test::TlsPeer client_;
  std::optional<TlsStream> stream_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(kBuffer);
  std::vector<std::uint8_t> scratch_ = std::vector<std::uint8_t>(kBuffer);
  std::size_t writes_ = 0;
  std::string on_way_;    ///< From the client to the server.
  std::string sent_;      ///< By the client, as plaintext.
  std::string received_;  ///< By the server.
  std::string unsent_;    ///< What the server has yet to write.
  std::string written_;   ///< What its writes took.
  bool whole_ = true;     ///< Nothing was tampered with.
  bool left_ = false;     ///< The client has sent its FIN.
  bool closed_ = false;   ///< The client has sent close_notify.
  bool over_ = false;     ///< The server's reading is.
  bool broken_ = false;   ///< The server's writing is.
  bool shut_ = false;
};

}  // namespace
}  // namespace wscast::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto layer = wscast::test::self_signed_layer();
  wscast::fuzz::Choices choices(data, size);
  wscast::net::Scene(choices, layer).run();
  return 0;
}
