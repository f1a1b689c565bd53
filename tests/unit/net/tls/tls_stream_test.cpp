#include "net/tls/tls_stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/send_batch.h"
#include "support/tls_files.h"
#include "support/tls_peer.h"

namespace wscast::net {
namespace {

using test::TlsPeer;

/// The stream below: reads what the test put in, takes what the test allows.
class Wire final : public Stream {
 public:
  IoResult read(std::span<std::uint8_t> into) override {
    ++reads;
    if (in.empty()) return {ended ? IoStatus::end : IoStatus::would_block};
    const std::size_t size = std::min({into.size(), in.size(), most_per_read});
    std::memcpy(into.data(), in.data(), size);
    in.erase(0, size);
    return {IoStatus::ok, size};
  }

  IoResult write(std::span<const iovec> pieces) override {
    ++writes;
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

  void shutdown_write() override { shut = true; }
  std::size_t unacknowledged() const override { return 7; }
  void abort() override { aborted = true; }
  std::string remote_address() const override { return "192.0.2.1"; }

  std::string in;
  std::string out;
  std::size_t most_per_read = SIZE_MAX;
  std::size_t room = SIZE_MAX;
  bool ended = false;
  bool broken = false;
  bool shut = false;
  bool aborted = false;
  int reads = 0;
  int writes = 0;
};

class TlsStreamTest : public testing::Test {
 protected:
  static std::shared_ptr<TlsLayer> layer(std::size_t max_handshakes = 1024) {
    return test::self_signed_layer({.max_handshakes = max_handshakes});
  }

  explicit TlsStreamTest(const TlsPeer::Wish& wish = {}) : client_(std::in_place, wish) {
    layer_ = layer();
    stream_.emplace(wire_, layer_, counters_);
  }

  IoResult read() {
    const IoResult result = stream_->read(buffer_);
    if (result.status == IoStatus::ok) {
      received_.append(reinterpret_cast<const char*>(buffer_.data()), result.bytes);
    }
    return result;
  }

  IoResult write(std::string_view bytes) {
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    return stream_->write({&piece, 1});
  }

  /// Carries bytes both ways until nobody has any.
  void exchange() {
    while (true) {
      wire_.in += client_->take_output();
      const bool came = !wire_.in.empty();
      while (!wire_.in.empty() && read().status != IoStatus::error && !stream_->wants_write()) {
      }
      if (wire_.out.empty() && !came) return;
      client_->receive(std::exchange(wire_.out, {}));
    }
  }

  std::uint64_t count(Counter counter) {
    Stats stats;
    counters_.add_to(stats);
    return stats[counter];
  }

  std::size_t under_way() const { return layer_->shared().handshakes.under_way(); }

  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(64 * 1024);
  Counters counters_;
  Wire wire_;
  std::shared_ptr<TlsLayer> layer_;
  std::optional<TlsStream> stream_;
  std::optional<TlsPeer> client_;
  std::string received_;
};

TEST_F(TlsStreamTest, IsEstablishedByTheHandshakeThenCarriesBytesBothWays) {
  EXPECT_FALSE(stream_->established());
  exchange();
  EXPECT_TRUE(stream_->established());
  EXPECT_TRUE(client_->established());
  client_->send("hello");
  exchange();
  EXPECT_EQ(received_, "hello");
  EXPECT_EQ(write("world").bytes, 5u);
  exchange();
  EXPECT_EQ(client_->received(), "world");
  EXPECT_EQ(count(Counter::tls_handshakes), 1u);
  EXPECT_EQ(count(Counter::tls_resumptions), 0u);
  EXPECT_EQ(stream_->unacknowledged(), 7u);
  EXPECT_EQ(stream_->remote_address(), "192.0.2.1");
}

TEST_F(TlsStreamTest, ASmallMessageIsOneReadAndOneWriteBelow) {
  exchange();
  client_->send("hello");
  wire_.in = client_->take_output();
  wire_.reads = wire_.writes = 0;
  EXPECT_EQ(read().bytes, 5u);
  write("world");
  EXPECT_EQ(wire_.reads, 1);
  EXPECT_EQ(wire_.writes, 1);
}

// What OpenSSL decrypted and kept would never be reported by a level-triggered poller.
TEST_F(TlsStreamTest, NothingDecryptedStaysInside) {
  exchange();
  std::string sent;
  for (int i = 0; i < 2'000; ++i) {
    sent += std::to_string(i) + " ";
    client_->send(std::to_string(i) + " ");
  }
  const std::string large(200'000, 'x');
  client_->send(large);
  wire_.in = client_->take_output();
  while (!wire_.in.empty()) read();
  EXPECT_EQ(received_, sent + large);
}

TEST_F(TlsStreamTest, EveryCutOfTheRecordsGivesTheSame) {
  for (std::size_t most = 1; most < 300; most += most < 40 ? 1 : 37) {
    wire_.most_per_read = most;
    client_.emplace();
    stream_.emplace(wire_, layer_, counters_);
    received_.clear();
    exchange();
    client_->send("one");
    client_->send(std::string(500, 'y'));
    exchange();
    EXPECT_EQ(received_, "one" + std::string(500, 'y')) << most;
    stream_->shutdown_write();
    exchange();
    EXPECT_TRUE(client_->close_notified());
  }
}

TEST_F(TlsStreamTest, ALargeMessageBehindASmallOneIsOneRecord) {
  exchange();
  write("small");
  wire_.writes = 0;
  EXPECT_EQ(write(std::string(16'384, 'l')).bytes, 16'384u);
  EXPECT_EQ(wire_.writes, 1);
}

TEST_F(TlsStreamTest, OfABatchOneRecordIsSentHoweverMuchOfItIsTaken) {
  exchange();
  std::string expected;
  std::vector<std::uint8_t> memory(1'000);
  for (std::size_t taken = 0; taken < 40; ++taken) {
    const std::string text = std::to_string(taken) + " of a batch;";
    SendBatch batch(memory);
    const EncodedBytes encoded =
        stream_->encode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, batch);
    ASSERT_EQ(encoded.bytes, text.size());
    const std::size_t part = std::min(taken, encoded.wire.size());
    wire_.out.append(reinterpret_cast<const char*>(encoded.wire.data()), part);
    IoResult result = stream_->note_sent(
        encoded, part == 0 ? IoResult{IoStatus::would_block} : IoResult{IoStatus::ok, part});
    if (part < encoded.wire.size()) {
      EXPECT_EQ(result.status, IoStatus::would_block);
      result = write(text);
    }
    ASSERT_EQ(result.status, IoStatus::ok);
    ASSERT_EQ(result.bytes, text.size());
    expected += text;
    exchange();
    ASSERT_EQ(client_->received(), expected);
  }
}

TEST_F(TlsStreamTest, WhatFitsIntoNoBatchIsWritten) {
  exchange();
  const std::vector<std::uint8_t> bytes(100);
  std::vector<std::uint8_t> memory(200);
  SendBatch batch(memory);
  EXPECT_TRUE(stream_->encode(bytes, batch).wire.empty());
  EXPECT_EQ(write("goes on").bytes, 7u);
  exchange();
  EXPECT_EQ(client_->received(), "goes on");
}

TEST_F(TlsStreamTest, WhatIsNotTakenStaysWithTheCallerAndOneRecordWithin) {
  exchange();
  const std::string message(100'000, 'm');
  for (const std::size_t room : {0, 1, 5, 4'096, 16'384, 16'500, 50'000}) {
    std::string rest = message;
    wire_.room = room;
    const std::size_t before = client_->received().size();
    int blocked = 0;
    while (!rest.empty()) {
      const IoResult result = write(rest);
      ASSERT_NE(result.status, IoStatus::error);
      if (result.status == IoStatus::would_block) {
        ASSERT_LE(wire_.out.size(), std::max<std::size_t>(room, 1));
        ++blocked;
        client_->receive(std::exchange(wire_.out, {}));
        wire_.room = std::max<std::size_t>(room, 1);
        continue;
      }
      ASSERT_LE(result.bytes, 16u * 1024);
      rest.erase(0, result.bytes);
    }
    wire_.room = SIZE_MAX;
    client_->receive(std::exchange(wire_.out, {}));
    EXPECT_EQ(client_->received().size() - before, message.size()) << room;
    EXPECT_GT(blocked, 0) << room;
  }
}

TEST_F(TlsStreamTest, AWriteThatWaitsGoesOnThoughMoreIsQueuedBehindIt) {
  exchange();
  wire_.room = 10;
  EXPECT_EQ(write("first").status, IoStatus::would_block);
  wire_.room = SIZE_MAX;
  std::string first = "first";  // At another place in memory.
  std::string second = "second";
  const std::array<iovec, 2> pieces{iovec{first.data(), first.size()},
                                    iovec{second.data(), second.size()}};
  EXPECT_EQ(stream_->write(pieces).bytes, 5u) << "what was encrypted, and no more";
  EXPECT_EQ(write(second).bytes, 6u);
  exchange();
  EXPECT_EQ(client_->received(), "firstsecond");
}

TEST_F(TlsStreamTest, ReadingGoesOnWhileAWriteWaits) {
  exchange();
  wire_.room = 3;
  EXPECT_EQ(write("held back").status, IoStatus::would_block);
  client_->send("meanwhile");
  wire_.in = client_->take_output();
  EXPECT_EQ(read().bytes, 9u);
  wire_.room = SIZE_MAX;
  EXPECT_EQ(write("held back").bytes, 9u);
  exchange();
  EXPECT_EQ(client_->received(), "held back");
}

TEST_F(TlsStreamTest, PiecesBecomeOneRecordOfAtMost16KiB) {
  exchange();
  std::vector<std::string> texts;
  std::vector<iovec> pieces;
  for (int i = 0; i < 60; ++i) texts.emplace_back(500, static_cast<char>('A' + i % 26));
  std::string all;
  for (std::string& text : texts) {
    pieces.push_back({text.data(), text.size()});
    all += text;
  }
  wire_.writes = 0;
  EXPECT_EQ(stream_->write(pieces).bytes, 16u * 1024);
  EXPECT_EQ(wire_.writes, 1);
  exchange();
  EXPECT_EQ(client_->received(), all.substr(0, 16 * 1024));
}

TEST_F(TlsStreamTest, AHandshakeThatCannotWriteWaitsAndGoesOn) {
  for (const std::size_t room : {0, 1, 100, 700}) {
    client_.emplace();
    stream_.emplace(wire_, layer_, counters_);
    wire_.in = client_->take_output();
    wire_.room = room;
    EXPECT_EQ(read().status, IoStatus::would_block);
    EXPECT_TRUE(stream_->wants_write());
    const int reads = wire_.reads;
    EXPECT_EQ(read().status, IoStatus::would_block);
    EXPECT_EQ(wire_.reads, reads) << "nothing more is read before that";
    wire_.room = SIZE_MAX;
    EXPECT_EQ(read().status, IoStatus::would_block);
    EXPECT_FALSE(stream_->wants_write());
    exchange();
    EXPECT_TRUE(stream_->established()) << room;
  }
}

TEST_F(TlsStreamTest, WhatCameBehindAHandshakeThatCannotWriteIsNotLost) {
  wire_.in = client_->take_output() + "\x16\x03\x01 garbage behind the ClientHello";
  wire_.room = 0;
  EXPECT_EQ(read().status, IoStatus::would_block);
  wire_.room = SIZE_MAX;
  EXPECT_EQ(read().status, IoStatus::error) << "it is handled, as what it is";
  EXPECT_EQ(count(Counter::tls_handshake_failures), 1u);
}

TEST_F(TlsStreamTest, KeysMayBeUpdatedAtAnyTime) {
  exchange();
  for (int i = 0; i < 5; ++i) {
    client_->send("before");
    client_->update_keys();
    client_->send("after");
    exchange();
    ASSERT_EQ(write("reply").bytes, 5u);
    exchange();
  }
  std::string expected;
  for (int i = 0; i < 5; ++i) expected += "beforeafter";
  EXPECT_EQ(received_, expected);
  EXPECT_EQ(client_->received(), "replyreplyreplyreplyreply");
}

TEST_F(TlsStreamTest, ReadingGoesOnWhileTheReplyToAKeyUpdateWaits) {
  exchange();
  for (const std::size_t room : {0, 1, 10, 30}) {
    received_.clear();
    client_->update_keys();
    exchange();
    wire_.room = room;
    std::string reply(50, 'r');
    EXPECT_EQ(write(reply).status, IoStatus::would_block);
    client_->send("meanwhile");
    wire_.in += client_->take_output();
    EXPECT_EQ(read().bytes, 9u) << room;
    EXPECT_EQ(received_, "meanwhile");
    wire_.room = SIZE_MAX;
    EXPECT_EQ(write(reply).bytes, reply.size());
    exchange();
    EXPECT_TRUE(client_->received().ends_with(reply)) << room;
    EXPECT_FALSE(client_->failed());
  }
}

TEST_F(TlsStreamTest, KeysMayBeUpdatedWhileAWriteWaits) {
  exchange();
  wire_.room = 121;
  const std::string message(400, 'm');
  EXPECT_EQ(write(message).status, IoStatus::would_block);
  client_->update_keys();
  client_->update_keys();
  client_->send("meanwhile");
  wire_.in = client_->take_output();
  EXPECT_EQ(read().bytes, 9u);
  wire_.room = SIZE_MAX;
  EXPECT_EQ(write(message).bytes, message.size());
  EXPECT_EQ(write("more").bytes, 4u);
  exchange();
  EXPECT_EQ(client_->received(), message + "more");
  EXPECT_FALSE(client_->failed());
}

TEST_F(TlsStreamTest, CloseNotifyIsTheEndAlsoBehindData) {
  exchange();
  client_->send("last words");
  client_->close();
  wire_.in = client_->take_output();
  const IoResult result = read();
  EXPECT_EQ(result.bytes, 10u);
  EXPECT_TRUE(result.more) << "nothing else would report the end";
  EXPECT_EQ(read().status, IoStatus::end);
  EXPECT_EQ(read().status, IoStatus::end);
  EXPECT_EQ(write("reply").bytes, 5u) << "this side may still write";
  stream_->shutdown_write();
  client_->receive(wire_.out);
  EXPECT_EQ(client_->received(), "reply");
  EXPECT_TRUE(client_->close_notified());
}

TEST_F(TlsStreamTest, AFinWithoutCloseNotifyIsTheEndToo) {
  exchange();
  client_->send("x");
  wire_.in = client_->take_output();
  wire_.ended = true;
  EXPECT_EQ(read().bytes, 1u);
  EXPECT_EQ(read().status, IoStatus::end);
  EXPECT_EQ(count(Counter::tls_errors), 0u);
}

TEST_F(TlsStreamTest, ShuttingDownSendsCloseNotifyThenFin) {
  exchange();
  stream_->shutdown_write();
  EXPECT_TRUE(wire_.shut);
  client_->receive(wire_.out);
  EXPECT_TRUE(client_->close_notified());
  client_->send("still heard");
  wire_.in = client_->take_output();
  EXPECT_EQ(read().bytes, 11u);
}

TEST_F(TlsStreamTest, ADamagedRecordEndsTheConnectionButNotWhatCameBefore) {
  exchange();
  client_->send("good");
  std::string bad = client_->take_output();
  client_->send("bad");
  std::string damaged = client_->take_output();
  damaged.back() ^= 1;
  wire_.in = bad + damaged;
  const IoResult result = read();
  EXPECT_EQ(result.bytes, 4u);
  EXPECT_TRUE(result.more);
  EXPECT_EQ(read().status, IoStatus::error);
  EXPECT_EQ(write("reply").status, IoStatus::error);
  EXPECT_EQ(count(Counter::tls_errors), 1u);
  client_->receive(wire_.out);
  EXPECT_TRUE(client_->failed()) << "an alert was sent";
}

TEST_F(TlsStreamTest, ErrorsDoNotLeakIntoOtherConnections) {
  exchange();
  Wire other_wire;
  {
    TlsStream other(other_wire, layer_, counters_);
    other_wire.in = "GET / HTTP/1.1\r\n\r\n";
    EXPECT_EQ(other.read(buffer_).status, IoStatus::error);
  }
  client_->send("fine");
  exchange();
  EXPECT_EQ(received_, "fine");
  EXPECT_EQ(write("fine").bytes, 4u);
}

TEST_F(TlsStreamTest, WhatIsNoClientHelloFailsOnceAndForGood) {
  for (const std::string& garbage :
       {std::string("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), std::string(100, '\0'),
        std::string("\x16\x03\x01\x00\x05hello"), std::string("\x80\x2e\x01\x00\x02", 5),
        std::string("\x17\x03\x03\x00\x01x")}) {
    Counters counters;
    TlsStream stream(wire_, layer_, counters);
    wire_.in = garbage + std::string(64, 'x');
    EXPECT_EQ(stream.read(buffer_).status, IoStatus::error);
    EXPECT_EQ(stream.read(buffer_).status, IoStatus::error);
    EXPECT_FALSE(stream.established());
    Stats stats;
    counters.add_to(stats);
    EXPECT_EQ(stats[Counter::tls_handshake_failures], 1u);
  }
  EXPECT_EQ(under_way(), 0u);
}

TEST_F(TlsStreamTest, APeerThatLeavesDuringTheHandshakeIsCounted) {
  wire_.in = client_->take_output();
  read();
  EXPECT_EQ(under_way(), 1u);
  stream_.reset();
  EXPECT_EQ(under_way(), 0u);
  EXPECT_EQ(count(Counter::tls_handshake_failures), 1u);
}

TEST_F(TlsStreamTest, OneThatTakesTooLongIsCountedAsThatOnly) {
  EXPECT_EQ(stream_->establish_timeout(), std::chrono::seconds(10));
  wire_.in = client_->take_output();
  read();
  stream_->on_establish_timeout();
  stream_->abort();
  EXPECT_TRUE(wire_.aborted);
  stream_.reset();
  EXPECT_EQ(count(Counter::tls_handshake_timeouts), 1u);
  EXPECT_EQ(count(Counter::tls_handshake_failures), 0u);
  EXPECT_EQ(under_way(), 0u);
}

TEST_F(TlsStreamTest, HandshakesAreLimitedFromTheirFirstByteToTheirEnd) {
  layer_ = layer(1);
  stream_.emplace(wire_, layer_, counters_);
  Wire second_wire;
  std::optional<TlsStream> second(std::in_place, second_wire, layer_, counters_);
  EXPECT_EQ(second->read(buffer_).status, IoStatus::would_block) << "it has not begun";
  wire_.in = client_->take_output();
  read();
  TlsPeer second_client;
  second_wire.in = second_client.take_output();
  EXPECT_EQ(second->read(buffer_).status, IoStatus::error);
  EXPECT_EQ(count(Counter::tls_handshakes_refused), 1u);
  second.reset();
  EXPECT_EQ(under_way(), 1u);

  client_->receive(std::exchange(wire_.out, {}));
  exchange();
  EXPECT_TRUE(stream_->established());
  EXPECT_EQ(under_way(), 0u);
  TlsPeer third_client;
  Wire third_wire;
  TlsStream third(third_wire, layer_, counters_);
  third_wire.in = third_client.take_output();
  EXPECT_EQ(third.read(buffer_).status, IoStatus::would_block);
  EXPECT_EQ(under_way(), 1u);
}

TEST_F(TlsStreamTest, AWriteThatFailsBelowEndsTheConnection) {
  exchange();
  wire_.broken = true;
  EXPECT_EQ(write("x").status, IoStatus::error);
  EXPECT_EQ(read().status, IoStatus::error);
}

TEST_F(TlsStreamTest, ReloadedCertificatesAreForNewHandshakes) {
  exchange();
  std::vector<std::string> faults;
  const auto before = layer_->certificates();
  ASSERT_TRUE(layer_->reload(faults));
  EXPECT_NE(layer_->certificates(), before);
  client_->send("still here");
  exchange();
  EXPECT_EQ(received_, "still here");
}

TEST_F(TlsStreamTest, AClientGetsTheKindOfKeyThatItCanVerify) {
  test::TlsFiles files;
  const TlsOptions options{
      .certificates = {files.issue("ecdsa", {.names = {"a.test", "b.test"}}),
                       files.issue("rsa", {.names = {"b.test", "a.test"}, .rsa = true})}};
  std::vector<std::string> faults;
  layer_ =
      TlsLayer::make(options, std::make_shared<TlsShared>(system_clock(), system_random()), faults);
  ASSERT_NE(layer_, nullptr);
  for (const bool old : {false, true}) {
    for (const bool rsa_only : {false, true}) {
      stream_.emplace(wire_, layer_, counters_);
      client_.emplace(TlsPeer::Wish{.name = "a.test", .tls_1_2 = old, .rsa_only = rsa_only});
      exchange();
      EXPECT_TRUE(stream_->established());
      EXPECT_EQ(client_->server_name(), rsa_only ? "b.test" : "a.test");
    }
  }
}

struct Alpn {
  std::string offer;
  bool accepted;
};

class TlsStreamAlpnTest : public testing::TestWithParam<Alpn> {};

TEST_P(TlsStreamAlpnTest, IsHttp11OrNone) {
  Counters counters;
  Wire wire;
  TlsStream stream(wire, test::self_signed_layer(), counters);
  TlsPeer client({.alpn = GetParam().offer});
  std::vector<std::uint8_t> buffer(64 * 1024);
  for (int i = 0; i < 3; ++i) {
    wire.in += client.take_output();
    stream.read(buffer);
    client.receive(std::exchange(wire.out, {}));
  }
  EXPECT_EQ(stream.established(), GetParam().accepted);
  EXPECT_EQ(client.failed(), !GetParam().accepted);
}

INSTANTIATE_TEST_SUITE_P(All, TlsStreamAlpnTest,
                         testing::Values(Alpn{"", true}, Alpn{"http/1.1", true}, Alpn{"h2", false},
                                         Alpn{"http/1.0", false}));

class Tls12StreamTest : public TlsStreamTest {
 protected:
  Tls12StreamTest() : TlsStreamTest(TlsPeer::Wish{.tls_1_2 = true}) {}
};

TEST_F(Tls12StreamTest, CarriesBytesBothWaysAndRefusesToRenegotiate) {
  exchange();
  client_->send("hello");
  exchange();
  EXPECT_EQ(received_, "hello");
  ASSERT_EQ(SSL_renegotiate(client_->ssl()), 1);
  SSL_do_handshake(client_->ssl());
  exchange();
  EXPECT_TRUE(client_->failed()) << "the warning no_renegotiation ends the client's attempt";
  EXPECT_EQ(count(Counter::tls_handshakes), 1u);
}

TEST(TlsLayer, NamesEverythingWrongWithItsOptions) {
  EXPECT_THAT(TlsLayer::faults_of({}), testing::ElementsAre(testing::HasSubstr("is empty")));
  EXPECT_EQ(TlsLayer::faults_of({.certificates = {{"a", "b"}},
                                 .self_signed = true,
                                 .handshake_timeout = std::chrono::milliseconds(-1),
                                 .max_handshakes = 0})
                .size(),
            3u);
  EXPECT_TRUE(TlsLayer::faults_of({.self_signed = true}).empty());
}

}  // namespace
}  // namespace wscast::net
