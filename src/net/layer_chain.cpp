#include "net/layer_chain.h"

#include <utility>

namespace wscast::net {
namespace {

/// The stream of the upper layer, which owns that of the lower one.
class ChainedStream final : public Stream {
 public:
  ChainedStream(std::unique_ptr<Stream> lower, std::unique_ptr<Stream> upper)
      : lower_(std::move(lower)), upper_(std::move(upper)) {}

  bool established() const override { return lower_->established() && upper_->established(); }
  bool encrypted() const override { return upper_->encrypted(); }
  bool wants_write() const override { return establishing().wants_write(); }
  std::optional<std::chrono::milliseconds> establish_timeout() const override {
    return establishing().establish_timeout();
  }
  void on_establish_timeout() override { establishing().on_establish_timeout(); }
  IoResult read(std::span<std::uint8_t> into) override { return upper_->read(into); }
  IoResult write(std::span<const iovec> pieces) override { return upper_->write(pieces); }
  void shutdown_write() override { upper_->shutdown_write(); }
  std::size_t unacknowledged() const override { return upper_->unacknowledged(); }
  void abort() override { upper_->abort(); }
  void set_counting(bool counting) override {
    lower_->set_counting(counting);
    upper_->set_counting(counting);
  }
  ProxiedClient* proxied() override { return lower_->proxied(); }
  std::optional<IpAddress> client_address() const override { return upper_->client_address(); }
  std::string remote_address() const override { return upper_->remote_address(); }

 private:
  Stream& establishing() const { return lower_->established() ? *upper_ : *lower_; }

  std::unique_ptr<Stream> lower_;
  std::unique_ptr<Stream> upper_;  ///< Destroyed first: it uses the lower one.
};

class LayerChain final : public StreamLayer {
 public:
  LayerChain(std::shared_ptr<const StreamLayer> lower, std::shared_ptr<const StreamLayer> upper)
      : lower_(std::move(lower)), upper_(std::move(upper)) {}

  std::unique_ptr<Stream> wrap(Stream& below, Counters& counters) const override {
    auto lower = lower_->wrap(below, counters);
    auto upper = upper_->wrap(*lower, counters);
    return std::make_unique<ChainedStream>(std::move(lower), std::move(upper));
  }

 private:
  std::shared_ptr<const StreamLayer> lower_;
  std::shared_ptr<const StreamLayer> upper_;
};

}  // namespace

std::shared_ptr<const StreamLayer> chain(std::shared_ptr<const StreamLayer> lower,
                                         std::shared_ptr<const StreamLayer> upper) {
  if (!lower) return upper;
  if (!upper) return lower;
  return std::make_shared<const LayerChain>(std::move(lower), std::move(upper));
}

}  // namespace wscast::net
