#pragma once

#include <span>
#include <string>
#include <string_view>

#include "net/stream.h"

namespace wscast::test {

/// The calls of a stream that may fail.
enum class IoCall : std::uint8_t { read, write };

/// How such a call fails.
enum class IoFault : std::uint8_t {
  error,      ///< The connection is broken, for good.
  end,        ///< The peer has ended. Only for reads.
  interrupt,  ///< Nothing is moved this time.
  one_byte,   ///< One byte is moved this time.
};

std::string_view to_string(IoFault fault);

/// Whether a connection gets over the fault as if nothing had been.
inline bool is_harmless(IoFault fault) {
  return fault == IoFault::interrupt || fault == IoFault::one_byte;
}

/// What is to fail: the `number`-th of those calls, the first is 1.
struct PlannedFault {
  IoCall call = IoCall::read;
  IoFault fault = IoFault::error;
  int number = 0;  ///< 0: none.
  bool fired = false;

  /// Counts a call. Returns whether it is the one that fails.
  bool is_due(IoCall now) {
    if (now != call || number == 0 || --number > 0) return false;
    fired = true;
    return true;
  }
};

/// A stream over another whose chosen call fails as planned.
class FaultyStream final : public net::Stream {
 public:
  /// Both must outlive it.
  FaultyStream(net::Stream& below, PlannedFault& plan) : below_(below), plan_(plan) {}

  bool established() const override { return below_.established(); }
  net::IoResult read(std::span<std::uint8_t> into) override;
  net::IoResult write(std::span<const iovec> pieces) override;
  void shutdown_write() override { below_.shutdown_write(); }
  std::size_t unacknowledged() const override { return below_.unacknowledged(); }
  void abort() override { below_.abort(); }
  std::string remote_address() const override { return below_.remote_address(); }

 private:
  net::Stream& below_;
  PlannedFault& plan_;
  bool broken_ = false;
  bool ended_ = false;
};

}  // namespace wscast::test
