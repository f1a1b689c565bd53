#include "session/channel_cipher.h"

#include <memory>

#include <gtest/gtest.h>

namespace wscast::session {
namespace {

/// Knows its key, and how many of its kind there are.
class FakeCipher {
 public:
  explicit FakeCipher(const crypto::Key256& key) : key_(key.bytes()[0]) { ++count; }
  ~FakeCipher() { --count; }

  void set_key(const crypto::Key256& key) { key_ = key.bytes()[0]; }
  int key() const { return key_; }

  static inline int count = 0;

 private:
  int key_;
};

crypto::Key256 key_of(std::uint8_t first) {
  crypto::Key256 key;
  key.bytes()[0] = first;
  return key;
}

class ChannelCipherTest : public testing::Test {
 protected:
  void use(int times) {
    for (int i = 0; i < times; ++i) EXPECT_EQ(channel_.get(shared_).key(), 1);
  }
  bool has_its_own() const { return FakeCipher::count == 2; }

  FakeCipher shared_{key_of(0)};
  ChannelCipher<FakeCipher> channel_{key_of(1)};
};

TEST_F(ChannelCipherTest, AClientThatUsesItRarelyHasNone) {
  EXPECT_FALSE(has_its_own());
  for (int interval = 0; interval < 10; ++interval) {
    use(3);
    EXPECT_FALSE(has_its_own());
    channel_.rest();
  }
}

TEST_F(ChannelCipherTest, ClientsTakeTurnsWithTheSharedOne) {
  ChannelCipher<FakeCipher> other{key_of(2)};
  for (int i = 0; i < 3; ++i) {
    use(1);
    EXPECT_EQ(other.get(shared_).key(), 2);
  }
}

TEST_F(ChannelCipherTest, AClientThatUsesItOftenHasItsOwn) {
  use(4);
  EXPECT_TRUE(has_its_own());
  shared_.set_key(key_of(7));
  use(1);
  EXPECT_EQ(shared_.key(), 7) << "not touched";
}

TEST_F(ChannelCipherTest, TheOwnOneStaysWhileItIsUsedOften) {
  use(1'000);
  channel_.rest();
  EXPECT_TRUE(has_its_own());
  use(4);
  channel_.rest();
  EXPECT_TRUE(has_its_own());
}

TEST_F(ChannelCipherTest, TheOwnOneGoesAfterAnIntervalWithLittleUse) {
  use(100);
  channel_.rest();
  use(3);
  channel_.rest();
  EXPECT_FALSE(has_its_own());
  use(3);
  EXPECT_FALSE(has_its_own()) << "it begins anew";
}

}  // namespace
}  // namespace wscast::session
