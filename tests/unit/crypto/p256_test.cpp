#include "crypto/p256.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "support/hex.h"

namespace wscast::crypto {
namespace {

template <auto Release>
struct Free {
  void operator()(auto* object) const { Release(object); }
};

/// A key pair that is not of our making. `point`: 0x04, x, y.
Pkey key_pair(const std::string& scalar, const Bytes& point) {
  const Bytes bytes = hex(scalar);
  const std::unique_ptr<BIGNUM, Free<&BN_free>> number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  const std::unique_ptr<OSSL_PARAM_BLD, Free<&OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get());
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  const std::unique_ptr<OSSL_PARAM, Free<&OSSL_PARAM_free>> parameters(
      OSSL_PARAM_BLD_to_param(builder.get()));
  const std::unique_ptr<EVP_PKEY_CTX, Free<&EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get());
  return Pkey(key);
}

Bytes uncompressed(const std::string& x, const std::string& y) {
  return hex("04" + x + y);
}

class P256Test : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(ERR_peek_error(), 0u) << "nothing is left for the next user of OpenSSL";
  }

  Bytes agreed(const Pkey& own, const Bytes& point) {
    const Pkey peer = curve_.import_point(point);
    const auto shared = peer == nullptr ? std::nullopt : P256::agree(own, peer);
    return shared ? Bytes(shared->bytes().begin(), shared->bytes().end()) : Bytes();
  }

  P256 curve_;
};

struct Vector {
  std::string name;
  std::string scalar;
  std::string own_x, own_y;
  std::string peer_x, peer_y;
  std::string shared;

  friend void PrintTo(const Vector& row, std::ostream* out) { *out << row.name; }
};

class P256Vector : public P256Test, public testing::WithParamInterface<Vector> {};

// shows: S1
TEST_P(P256Vector, AgreesOnTheKnownAnswer) {
  const Vector& row = GetParam();
  const Bytes own_point = uncompressed(row.own_x, row.own_y);
  const Pkey own = key_pair(row.scalar, own_point);
  ASSERT_NE(own, nullptr);
  const auto told = P256::point_of(own);
  ASSERT_TRUE(told);
  EXPECT_EQ(Bytes(told->begin(), told->end()), own_point);
  EXPECT_EQ(agreed(own, uncompressed(row.peer_x, row.peer_y)), hex(row.shared));
}

const std::string kScalar = "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534";
const std::string kOwnX = "ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b230";
const std::string kOwnY = "28af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405141";

// clang-format off
const std::vector<Vector> kVectors = {
    // NIST's KAS_ECC_CDH_PrimitiveTest, P-256, count 0.
    {"Cavs", kScalar, kOwnX, kOwnY,
     "700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287",
     "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac",
     "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"},
    // RFC 5903 section 8.1, from either side.
    {"Rfc5903Initiator", "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
     "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180",
     "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
     "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
     "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
     "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"},
    {"Rfc5903Responder", "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
     "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
     "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
     "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180",
     "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
     "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"},
    // Of our own making, by plain arithmetic: a point with the shared x coordinate that was wanted,
    // divided by the scalar.
    {"ASharedXWithAZeroByteFirstKeepsIt", kScalar, kOwnX, kOwnY,
     "be595dcd8b0191f6c221e12e70862d13f747c1f289efa9a2f635d3c8cc0319c9",
     "ed835d6e2e128cf62d0f58b6ec006d494be80bee2d09a586f97aeaa974514b5e",
     "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
    {"ASharedXOfOneByteKeepsItsZeros", kScalar, kOwnX, kOwnY,
     "b69519776ef9371d0d73a9b80e919df097d52ce48765eb3af7ddae0e9623e4f3",
     "6db2a214747f23d86a3ace8d23008ab2f2f2cbf6b566b694684d4c60d460149d",
     "0000000000000000000000000000000000000000000000000000000000000005"},
    {"ASharedXOfZeroIsAnXToo", kScalar, kOwnX, kOwnY,
     "e4c4c491078105850664e49fcd25cfb836322c03311a398960a4d17235b4f697",
     "2389af17d1c03f6d2118189e3002574ea7c8446b8f3cfb1aba27390548ae7ab5",
     "0000000000000000000000000000000000000000000000000000000000000000"},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Each, P256Vector, testing::ValuesIn(kVectors),
                         [](const auto& row) { return row.param.name; });

TEST_F(P256Test, S1EachKeyPairIsAnotherAndIsOnTheCurve) {
  std::vector<Point> points;
  for (int n = 0; n < 20; ++n) {
    const auto point = P256::point_of(curve_.generate());
    ASSERT_TRUE(point);
    EXPECT_NE(curve_.import_point(*point), nullptr);
    EXPECT_EQ(std::ranges::count(points, *point), 0);
    points.push_back(*point);
  }
}

TEST_F(P256Test, S1WhatIsImportedIsWhatCame) {
  const Bytes bytes = uncompressed(kOwnX, kOwnY);
  const auto point = P256::point_of(curve_.import_point(bytes));
  ASSERT_TRUE(point);
  EXPECT_EQ(Bytes(point->begin(), point->end()), bytes);
}

// The square root of the curve's b, so that it is on the curve; and a point whose y is 1.
TEST_F(P256Test, S7PointsAtTheEdgesAreTaken) {
  const Bytes zero_x =
      uncompressed("0000000000000000000000000000000000000000000000000000000000000000",
                   "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4");
  const Bytes y_of_one =
      uncompressed("6916fac45e568b6b9e2e2ecd611b282e5fcc40a3067d601057f879ce5a8a73cc",
                   "0000000000000000000000000000000000000000000000000000000000000001");
  const Pkey own = curve_.generate();
  EXPECT_EQ(agreed(own, zero_x).size(), 32u);
  EXPECT_EQ(agreed(own, y_of_one).size(), 32u);
}

struct Refused {
  std::string name;
  std::string bytes;

  friend void PrintTo(const Refused& row, std::ostream* out) { *out << row.name; }
};

class P256Refuses : public P256Test, public testing::WithParamInterface<Refused> {};

TEST_P(P256Refuses, S7WhateverIsNoUncompressedPointOnTheCurve) {
  EXPECT_EQ(curve_.import_point(hex(GetParam().bytes)), nullptr);
}

const std::string kZero(64, '0');
const std::string kOff = "28af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405142";
const std::string kPrime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";

// clang-format off
const std::vector<Refused> kRefused = {
    {"Nothing", ""},
    {"OneByte", "04"},
    {"InfinityAsOneByte", "00"},
    {"InfinityAsManyZeros", "00" + kZero + kZero},
    {"InfinityAsCoordinates", "04" + kZero + kZero},
    {"WithoutItsFirstByte", kOwnX + kOwnY},
    {"AByteTooMuch", "04" + kOwnX + kOwnY + "00"},
    {"AByteLess", "04" + kOwnX + kOwnY.substr(0, 62)},
    {"CompressedEven", "02" + kOwnX},
    {"CompressedOdd", "03" + kOwnX},
    {"CompressedWithBothCoordinates", "02" + kOwnX + kOwnY},
    {"HybridEven", "06" + kOwnX + kOwnY},
    {"HybridOdd", "07" + kOwnX + kOwnY},
    {"AnotherFirstByte", "05" + kOwnX + kOwnY},
    {"OffTheCurve", "04" + kOwnX + kOff},
    {"CoordinatesSwapped", "04" + kOwnY + kOwnX},
    // (1, sqrt(-f(1))): on the quadratic twist, as is each x that no point of the curve has.
    {"OnTheTwist", "04" "0000000000000000000000000000000000000000000000000000000000000001"
                   "de17b2671045fe58740248c17a8bd2fb2ef7c3c49b01da9f903efa3dcda669c7"},
    // Points of the curve, but for the prime that was added to one coordinate.
    {"AnXOfThePrimeAndMore",
     "04" "ffffffff00000001000000000000000000000001000000000000000000000004"
     "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc"},
    {"AYOfThePrimeAndMore",
     "04" "6916fac45e568b6b9e2e2ecd611b282e5fcc40a3067d601057f879ce5a8a73cc"
     "ffffffff00000001000000000000000000000001000000000000000000000000"},
    {"AnXOfThePrime", "04" + kPrime + "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4"},
    {"AllOnes", "04" + std::string(128, 'f')},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Each, P256Refuses, testing::ValuesIn(kRefused),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace wscast::crypto
