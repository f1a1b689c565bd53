#include "ws/permessage_deflate.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::ws {
namespace {

constexpr std::string_view kAnswer =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

std::string answer(std::string_view more = {}) {
  return std::string(kAnswer) + std::string(more);
}

/// The response to an offer; empty: it is declined.
std::string respond(std::string_view offer, std::uint8_t max_window_bits = kMaxWindowBits) {
  const std::array values{offer};
  const auto accepted = accept_deflate_offer(values, max_window_bits);
  return accepted ? accepted->response : std::string();
}

TEST(DeflateOffers, T7AreAnsweredWithoutContextTakeover) {
  for (const auto* offer :
       {"permessage-deflate", "permessage-deflate; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate ; client_no_context_takeover;server_no_context_takeover"}) {
    EXPECT_EQ(respond(offer), kAnswer) << offer;
  }
}

TEST(DeflateOffers, T7ServerWindowsFrom9To15AreKeptTo) {
  for (int bits = 9; bits <= 15; ++bits) {
    const std::string window = "; server_max_window_bits=" + std::to_string(bits);
    EXPECT_EQ(respond("permessage-deflate" + window), answer(window));
  }
  EXPECT_EQ(respond("permessage-deflate; server_max_window_bits=\"1\\0\""),
            answer("; server_max_window_bits=10"));
  EXPECT_EQ(respond("permessage-deflate; server_max_window_bits=8"), "") << "zlib cannot";
}

TEST(DeflateOffers, T7ClientWindowsFrom8To15AreAcceptedAndNamedOnlyIfOffered) {
  for (int bits = 8; bits <= 15; ++bits) {
    const std::string window = "; client_max_window_bits=" + std::to_string(bits);
    EXPECT_EQ(respond("permessage-deflate" + window), answer(window));
  }
  EXPECT_EQ(respond("permessage-deflate; client_max_window_bits").find("client_max"),
            std::string::npos);
}

TEST(DeflateOffers, TheServersOwnLargestWindowIsStated) {
  EXPECT_EQ(respond("permessage-deflate", 11), answer("; server_max_window_bits=11"));
  EXPECT_EQ(respond("permessage-deflate; server_max_window_bits=15", 11),
            answer("; server_max_window_bits=11"));
  EXPECT_EQ(respond("permessage-deflate; server_max_window_bits=9", 11),
            answer("; server_max_window_bits=9"));
}

TEST(DeflateOffers, Section7_1WhatIsInvalidIsDeclined) {
  for (const auto* parameter : {"server_no_context_takeover=1",
                                "client_no_context_takeover=\"\"x",
                                "server_max_window_bits",
                                "server_max_window_bits=7",
                                "server_max_window_bits=16",
                                "server_max_window_bits=09",
                                "server_max_window_bits=9x",
                                "server_max_window_bits=+9",
                                "server_max_window_bits=1",
                                "client_max_window_bits=7",
                                "client_max_window_bits=16",
                                "client_max_window_bits=010",
                                "client_max_window_bits=1a",
                                "client_max_window_bits=150",
                                "x",
                                "Server_no_context_takeover",
                                "server_no_context_takeover; server_no_context_takeover",
                                "client_no_context_takeover; client_no_context_takeover",
                                "server_max_window_bits=9; server_max_window_bits=9",
                                "client_max_window_bits; client_max_window_bits=9",
                                "client_max_window_bits=9; client_max_window_bits"}) {
    EXPECT_EQ(respond("permessage-deflate; " + std::string(parameter)), "") << parameter;
  }
  EXPECT_EQ(respond("permessage-deflate2, x-webkit-deflate-frame, foo"), "");
}

TEST(DeflateOffers, Section5_1TheFirstThatFitsIsAccepted) {
  EXPECT_EQ(respond("foo; bar=1, permessage-deflate; server_max_window_bits=8, "
                    "permessage-deflate; server_max_window_bits=12, permessage-deflate"),
            answer("; server_max_window_bits=12"));
  const std::vector<std::string_view> fields{"permessage-deflate; x",
                                             "permessage-deflate; client_max_window_bits=9"};
  EXPECT_EQ(accept_deflate_offer(fields, kMaxWindowBits)->agreement,
            (DeflateAgreement{.client_window_bits = 9}));
  EXPECT_FALSE(accept_deflate_offer({}, kMaxWindowBits));
}

TEST(DeflateResponses, AreReadAgainstTheOffer) {
  const DeflateOffer offer{.server_max_window_bits = 12, .client_max_window_bits = 10};
  EXPECT_EQ(to_string(offer), answer("; server_max_window_bits=12; client_max_window_bits=10"));
  EXPECT_EQ(to_string(DeflateOffer{}), answer("; client_max_window_bits"));
  EXPECT_EQ(
      read_deflate_response(answer("; server_max_window_bits=9; client_max_window_bits=8"), offer),
      (DeflateAgreement{.server_window_bits = 9, .client_window_bits = 8}));
  EXPECT_EQ(read_deflate_response(answer("; server_max_window_bits=12"), offer),
            (DeflateAgreement{.server_window_bits = 12, .client_window_bits = 10}));
  EXPECT_EQ(read_deflate_response("permessage-deflate; server_no_context_takeover", {}),
            DeflateAgreement{});
}

TEST(DeflateResponses, Section7_1OthersFailTheConnection) {
  const DeflateOffer offer{.server_max_window_bits = 12, .client_max_window_bits = 10};
  for (const auto& response :
       {std::string("permessage-deflate; client_no_context_takeover"), std::string("foo"),
        answer(", permessage-deflate"), answer("; x"), answer("; server_no_context_takeover"),
        answer(), answer("; server_max_window_bits=13"), answer("; server_max_window_bits"),
        answer("; server_max_window_bits=12; client_max_window_bits"),
        answer("; server_max_window_bits=12; client_max_window_bits=11"), answer("; ")}) {
    EXPECT_FALSE(read_deflate_response(response, offer)) << response;
  }
}

}  // namespace
}  // namespace wscast::ws
