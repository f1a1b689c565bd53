#include "net/proxy_header_layer.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/layer_chain.h"
#include "unit/net/scripted_stream.h"

namespace wscast::net {
namespace {

constexpr std::string_view kHeader = "PROXY TCP4 192.0.2.7 203.0.113.2 12345 80\r\n";

class ProxyHeaderLayerTest : public testing::Test {
 protected:
  ProxyHeaderLayerTest() { below_.client = &client_; }

  std::unique_ptr<Stream> wrap() { return ProxyHeaderLayer().wrap(below_, counters_); }
  std::uint64_t count(Counter counter) const {
    Stats stats;
    counters_.add_to(stats);
    return stats[counter];
  }
  std::string address() const { return client_.address() ? client_.address()->text() : "unnamed"; }

  Counters counters_;
  TrustedProxies trusted_{{"10.0.0.0/8"}};
  AddressLimiter addresses_{1};
  RefusalReserve refusals_;
  ProxyContext context_{trusted_, addresses_, refusals_};
  ProxiedClient client_{context_};
  ScriptedStream below_;
  IoStatus status_ = IoStatus::ok;
};

TEST_F(ProxyHeaderLayerTest, PassesOnExactlyWhatComesBehindTheHeader) {
  for (const std::size_t size : {1, 5, 40, 43, 44, 1000}) {
    const auto stream = wrap();
    below_.pieces = {std::string(kHeader) + "GET", " /ws"};
    EXPECT_EQ(read_all(*stream, size, status_), "GET /ws") << size;
    EXPECT_EQ(status_, IoStatus::would_block);
    EXPECT_TRUE(stream->established());
    EXPECT_EQ(address(), "192.0.2.7");
  }
}

TEST_F(ProxyHeaderLayerTest, IsEstablishedWithTheLastByteOfTheHeader) {
  const auto stream = wrap();
  for (std::size_t at = 0; at < kHeader.size(); ++at) {
    EXPECT_FALSE(stream->established());
    below_.pieces = {std::string(kHeader.substr(at, 1))};
    EXPECT_EQ(read_all(*stream, 100, status_), "");
    EXPECT_EQ(status_, IoStatus::would_block);
    EXPECT_TRUE(below_.pieces.empty()) << "what stays in the kernel is reported again and again";
  }
  EXPECT_TRUE(stream->established());
}

TEST_F(ProxyHeaderLayerTest, EndsAConnectionWithoutTheHeader) {
  const auto stream = wrap();
  below_.pieces = {"GET / HTTP/1.1\r\n"};
  EXPECT_EQ(read_all(*stream, 100, status_), "");
  EXPECT_EQ(status_, IoStatus::error);
  EXPECT_FALSE(stream->established());
  EXPECT_EQ(count(Counter::proxy_header_invalid), 1u);
}

TEST_F(ProxyHeaderLayerTest, CountsAHeaderThatDoesNotComeInTime) {
  const auto stream = wrap();
  stream->on_establish_timeout();
  EXPECT_EQ(count(Counter::proxy_header_timeouts), 1u);
  EXPECT_EQ(count(Counter::proxy_header_invalid), 0u);
}

TEST_F(ProxyHeaderLayerTest, TakesAPeerThatLeavesEarlierForOneThatHasLeft) {
  for (const IoStatus end : {IoStatus::end, IoStatus::error}) {
    const auto stream = wrap();
    below_.pieces = {"PROXY TC"};
    below_.at_end = end;
    read_all(*stream, 100, status_);
    EXPECT_EQ(status_, IoStatus::end);
  }
  EXPECT_EQ(count(Counter::proxy_header_invalid), 0u);
}

TEST_F(ProxyHeaderLayerTest, ReadsTheHeaderOfAConnectionThatIsRefusedAnyway) {
  below_.client = nullptr;
  const auto stream = wrap();
  below_.pieces = {std::string(kHeader) + "x"};
  EXPECT_EQ(read_all(*stream, 100, status_), "x");
}

TEST_F(ProxyHeaderLayerTest, RefusesSomeOverTheLimitOfAnAddressAndClosesTheOthers) {
  const auto first = wrap();
  below_.pieces = {std::string(kHeader)};
  read_all(*first, 100, status_);
  EXPECT_FALSE(client_.over_limit());
  std::vector<std::unique_ptr<ProxiedClient>> refused;
  std::size_t taken = 0;
  for (status_ = IoStatus::would_block; status_ != IoStatus::error && taken < 1000; ++taken) {
    below_.client = refused.emplace_back(std::make_unique<ProxiedClient>(context_)).get();
    below_.pieces = {std::string(kHeader)};
    const auto stream = wrap();
    read_all(*stream, 100, status_);
    EXPECT_TRUE(below_.client->over_limit());
  }
  EXPECT_EQ(taken, 33u);
  EXPECT_EQ(count(Counter::connections_refused_address), 33u);
  EXPECT_EQ(count(Counter::connections_discarded), 1u);
}

/// Takes one `!` off the front, then turns each byte into the next one. Stands for TLS.
class ShiftLayer final : public StreamLayer {
 public:
  class Shifted final : public Stream {
   public:
    explicit Shifted(Stream& below) : below_(below) {}
    bool established() const override { return begun_; }
    IoResult read(std::span<std::uint8_t> into) override {
      if (!begun_) {
        const IoResult result = below_.read(into.first(1));
        if (result.status != IoStatus::ok) return result;
        if (into.front() != '!') return {IoStatus::error};
        begun_ = true;
      }
      const IoResult result = below_.read(into);
      for (std::uint8_t& byte : into.first(result.bytes)) ++byte;
      return result;
    }
    IoResult write(std::span<const iovec> pieces) override { return below_.write(pieces); }
    void shutdown_write() override { below_.shutdown_write(); }
    std::size_t unacknowledged() const override { return below_.unacknowledged(); }
    void abort() override { below_.abort(); }
    void on_establish_timeout() override { ++expired; }
    std::string remote_address() const override { return below_.remote_address(); }

    static inline int expired = 0;

   private:
    Stream& below_;
    bool begun_ = false;
  };

  std::unique_ptr<Stream> wrap(Stream& below, Counters&) const override {
    return std::make_unique<Shifted>(below);
  }
};

class LayerChainTest : public ProxyHeaderLayerTest {
 protected:
  LayerChainTest()
      : stream_(
            chain(std::make_shared<const ProxyHeaderLayer>(), std::make_shared<const ShiftLayer>())
                ->wrap(below_, counters_)) {
    ShiftLayer::Shifted::expired = 0;
  }

  const std::unique_ptr<Stream> stream_;
};

TEST_F(LayerChainTest, ReadsTheLowerLayerFirst) {
  below_.pieces = {std::string(kHeader), "!HAL", "HAL"};
  EXPECT_EQ(read_all(*stream_, 100, status_), "IBMIBM");
  EXPECT_EQ(address(), "192.0.2.7");
}

TEST_F(LayerChainTest, ReadsBothLayersOutOfOnePiece) {
  below_.pieces = {std::string(kHeader) + "!HAL"};
  EXPECT_EQ(read_all(*stream_, 100, status_), "IBM");
}

TEST_F(LayerChainTest, IsEstablishedWhenBothAre) {
  EXPECT_FALSE(stream_->established());
  below_.pieces = {std::string(kHeader)};
  read_all(*stream_, 100, status_);
  EXPECT_FALSE(stream_->established());
  below_.pieces = {"!"};
  read_all(*stream_, 100, status_);
  EXPECT_TRUE(stream_->established());
}

TEST_F(LayerChainTest, TellsTheLayerThatIsLate) {
  stream_->on_establish_timeout();
  EXPECT_EQ(count(Counter::proxy_header_timeouts), 1u);
  EXPECT_EQ(ShiftLayer::Shifted::expired, 0);
  below_.pieces = {std::string(kHeader)};
  read_all(*stream_, 100, status_);
  stream_->on_establish_timeout();
  EXPECT_EQ(count(Counter::proxy_header_timeouts), 1u);
  EXPECT_EQ(ShiftLayer::Shifted::expired, 1);
}

TEST_F(LayerChainTest, PassesOnEverythingElse) {
  std::string text = "out";
  const iovec piece{text.data(), text.size()};
  EXPECT_EQ(stream_->write(std::span(&piece, 1)).bytes, 3u);
  EXPECT_EQ(below_.written, "out");
  stream_->shutdown_write();
  stream_->abort();
  EXPECT_EQ(below_.shutdowns, 1);
  EXPECT_EQ(below_.aborts, 1);
  EXPECT_EQ(stream_->unacknowledged(), 7u);
  EXPECT_EQ(stream_->remote_address(), "10.0.0.1");
  EXPECT_EQ(stream_->proxied(), &client_);
}

TEST(LayerChain, OfOneLayerIsThatLayer) {
  const auto layer = std::make_shared<const ProxyHeaderLayer>();
  EXPECT_EQ(chain(layer, nullptr), layer);
  EXPECT_EQ(chain(nullptr, layer), layer);
  EXPECT_EQ(chain(nullptr, nullptr), nullptr);
}

}  // namespace
}  // namespace wscast::net
