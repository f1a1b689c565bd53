#include "crypto/aes_gcm.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "support/hex.h"

namespace wscast::crypto {
namespace {

Key256 key_of(const std::string& digits) {
  Key256 key;
  std::ranges::copy(hex(digits), key.bytes().begin());
  return key;
}

Iv iv_of(const std::string& digits) {
  Iv iv;
  std::ranges::copy(hex(digits), iv.begin());
  return iv;
}

std::optional<Bytes> sealed(AesGcmSealer& sealer, const Iv& iv, const Bytes& plain) {
  Bytes out(plain.size() + kTagBytes);
  return sealer.seal(iv, plain, out) ? std::optional(out) : std::nullopt;
}

std::optional<Bytes> opened(AesGcmOpener& opener, const Iv& iv, const Bytes& text) {
  Bytes out(text.size() - std::min(text.size(), kTagBytes));
  return opener.open(iv, text, out) ? std::optional(out) : std::nullopt;
}

struct Vector {
  std::string name;
  std::string key, iv, plain, text, tag;

  friend void PrintTo(const Vector& row, std::ostream* out) { *out << row.name; }
};

class AesGcmVector : public testing::TestWithParam<Vector> {
 protected:
  const Key256 key_ = key_of(GetParam().key);
  const Iv iv_ = iv_of(GetParam().iv);
  const Bytes plain_ = hex(GetParam().plain);
  const Bytes sealed_ = hex(GetParam().text + GetParam().tag);
};

// shows: S3
TEST_P(AesGcmVector, SealsToTheKnownAnswerAgainAndAgain) {
  AesGcmSealer sealer(key_);
  EXPECT_EQ(sealed(sealer, iv_, plain_), sealed_);
  EXPECT_TRUE(sealed(sealer, Iv{}, Bytes(100)));
  EXPECT_EQ(sealed(sealer, iv_, plain_), sealed_) << "nothing of another message is left";
}

TEST_P(AesGcmVector, OpensTheKnownAnswerAlsoAfterOneThatFailed) {
  AesGcmOpener opener(key_);
  EXPECT_EQ(opened(opener, iv_, sealed_), plain_);
  EXPECT_EQ(opened(opener, iv_, Bytes(100)), std::nullopt);
  EXPECT_EQ(opened(opener, iv_, sealed_), plain_);
}

TEST_P(AesGcmVector, RefusesEachBitThatIsOff) {
  AesGcmOpener opener(key_);
  for (std::size_t bit = 0; bit < sealed_.size() * 8; ++bit) {
    Bytes off = sealed_;
    off[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    ASSERT_EQ(opened(opener, iv_, off), std::nullopt) << bit;
  }
  EXPECT_EQ(ERR_peek_error(), 0u) << "nothing is left for the next user of OpenSSL";
}

TEST_P(AesGcmVector, RefusesWhatIsCutOrLonger) {
  AesGcmOpener opener(key_);
  for (auto left = sealed_.end(); left-- != sealed_.begin();) {
    const auto right = sealed_.end() - (left - sealed_.begin());
    ASSERT_EQ(opened(opener, iv_, Bytes(sealed_.begin(), left)), std::nullopt);
    ASSERT_EQ(opened(opener, iv_, Bytes(right, sealed_.end())), std::nullopt);
  }
  Bytes longer = sealed_;
  longer.push_back(0);
  EXPECT_EQ(opened(opener, iv_, longer), std::nullopt);
}

TEST_P(AesGcmVector, RefusesAnotherIvAndAnotherKey) {
  AesGcmOpener opener(key_);
  Iv off = iv_;
  off.back() ^= 1;
  EXPECT_EQ(opened(opener, off, sealed_), std::nullopt);
  Key256 other = key_;
  other.bytes()[31] ^= 0x80;
  AesGcmOpener stranger(other);
  EXPECT_EQ(opened(stranger, iv_, sealed_), std::nullopt);
}

TEST_P(AesGcmVector, GoesOnWithAnotherKey) {
  Key256 other = key_;
  other.bytes()[31] ^= 0x80;
  AesGcmSealer sealer(other);
  AesGcmOpener opener(other);
  EXPECT_TRUE(sealed(sealer, iv_, plain_));
  EXPECT_EQ(opened(opener, iv_, sealed_), std::nullopt);
  sealer.set_key(key_);
  opener.set_key(key_);
  EXPECT_EQ(sealed(sealer, iv_, plain_), sealed_);
  EXPECT_EQ(opened(opener, iv_, sealed_), plain_);
}

// Count 0 of the lengths 0, 128, 256 and 408 bits without additional data in NIST's
// gcmEncryptExtIV256.rsp (CAVS 14.0); cases 14 and 15 of McGrew and Viega's submission.
// clang-format off
const std::vector<Vector> kVectors = {
    {"Cavs_Empty", "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4",
     "516c33929df5a3284ff463d7", "", "", "bdc1ac884d332457a1d2664f168c76f0"},
    {"Cavs_16", "31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22",
     "0d18e06c7c725ac9e362e1ce", "2db5168e932556f8089a0622981d017d",
     "fa4362189661d163fcd6a56d8bf0405a", "d636ac1bbedd5cc3ee727dc2ab4a9489"},
    {"Cavs_32", "268ed1b5d7c9c7304f9cae5fc437b4cd3aebe2ec65f0d85c3918d3d3b5bba89b",
     "9ed9d8180564e0e945f5e5d4", "fe29a40d8ebf57262bdb87191d01843f4ca4b2de97d88273154a0b7d9e2fdb80",
     "791a4a026f16f3a5ea06274bf02baab469860abde5e645f3dd473a5acddeecfc",
     "05b2b74db0662550435ef1900e136b15"},
    {"Cavs_51", "1fded32d5999de4a76e0f8082108823aef60417e1896cf4218a2fa90f632ec8a",
     "1f3afa4711e9474f32e70462",
     "06b2c75853df9aeb17befd33cea81c630b0fc53667ff45199c629c8e15dce41e530aa792f796b8138eeab2e86c7b7bee1d40b0",
     "91fbd061ddc5a7fcc9513fcdfdc9c3a7c5d4d64cedf6a9c24ab8a77c36eefbf1c5dc00bc50121b96456c8cd8b6ff1f8b3e480f",
     "30096d340f3d5c42d82a6f475def23eb"},
    {"Case14", "0000000000000000000000000000000000000000000000000000000000000000",
     "000000000000000000000000", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
    {"Case15", "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
     "b094dac5d93471bdec1a502270e3cc6c"},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Nist, AesGcmVector, testing::ValuesIn(kVectors),
                         [](const auto& row) { return row.param.name; });

TEST(AesGcm, RefusesABufferOfAnotherSize) {
  const Key256 key;
  AesGcmSealer sealer(key);
  AesGcmOpener opener(key);
  const Bytes plain(20);
  const Bytes text = *sealed(sealer, Iv{}, plain);
  for (const std::size_t size : {0u, 19u, 20u, 35u, 37u}) {
    Bytes out(size);
    EXPECT_FALSE(sealer.seal(Iv{}, plain, out)) << size;
    EXPECT_EQ(out, Bytes(size)) << "nothing is written";
  }
  for (const std::size_t size : {0u, 19u, 21u, 36u}) {
    Bytes out(size);
    EXPECT_FALSE(opener.open(Iv{}, text, out)) << size;
    EXPECT_EQ(out, Bytes(size));
  }
}

}  // namespace
}  // namespace wscast::crypto
