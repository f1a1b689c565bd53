// Every rule once more over TLS: whole, and with the ciphertext of both directions cut to one byte.

#include <gtest/gtest.h>

#include "conformance/harness.h"
#include "support/tls_peer.h"

namespace wscast::conformance {
namespace {

std::shared_ptr<const net::TlsLayer> layer() {
  static const std::shared_ptr<const net::TlsLayer> shared = test::self_signed_layer();
  return shared;
}

class Rfc6455OverTls : public testing::TestWithParam<Rule> {};

TEST_P(Rfc6455OverTls, Holds) {
  Peer whole({.tls = layer()});
  whole.send(GetParam().input);
  EXPECT_EQ(whole.seen(), GetParam().seen) << "whole";
  EXPECT_EQ(whole.count(Counter::tls_handshakes), 1u);

  Peer cut({.one_byte_writes = true, .one_byte_reads = true, .tls = layer()});
  cut.send(GetParam().input);
  EXPECT_EQ(cut.seen(), GetParam().seen) << "byte by byte";
  EXPECT_EQ(cut.count(Counter::tls_handshakes), 1u);
  EXPECT_EQ(cut.count(Counter::tls_errors), 0u);

  Peer batched({.tls = layer(), .batched_writes = true});
  batched.send(GetParam().input);
  EXPECT_EQ(batched.seen(), GetParam().seen) << "batched";

  Peer slow({.one_byte_writes = true, .tls = layer(), .batched_writes = true});
  slow.send(GetParam().input);
  EXPECT_EQ(slow.seen(), GetParam().seen) << "one byte a batch";
  EXPECT_EQ(slow.count(Counter::tls_errors), 0u);
}

INSTANTIATE_TEST_SUITE_P(All, Rfc6455OverTls, testing::ValuesIn(all_rules()),
                         [](const testing::TestParamInfo<Rule>& rule) { return rule.param.name; });

}  // namespace
}  // namespace wscast::conformance
