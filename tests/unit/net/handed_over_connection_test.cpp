#include "wscast/handed_over_connection.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "net/released_connection.h"
#include "scripted_stream.h"

namespace wscast::net {
namespace {

using Status = Transfer::Status;

/// What the shard sees of a connection that is away.
struct Record {
  ScriptedStream stream;
  std::string returned;
  int returns = 0;
  int ends = 0;
  int refusals = 0;
};

class FakeReleased final : public ReleasedConnection {
 public:
  FakeReleased(Record& record, std::string received)
      : ReleasedConnection(std::move(received)), record_(record) {}
  ~FakeReleased() override { ++record_.ends; }
  Stream& stream() override { return record_.stream; }
  int descriptor() const override { return 77; }
  void note_refused() noexcept override { ++record_.refusals; }
  void go_back(std::string received) override {
    ++record_.returns;
    record_.returned = std::move(received);
  }

 private:
  Record& record_;
};

class HandedOverConnectionTest : public testing::Test {
 protected:
  HandedOverConnection make(std::string received) {
    return HandedOverConnection(std::make_unique<FakeReleased>(record_, std::move(received)));
  }

  /// What one read of at most `size` bytes brings; its status when that is not ok.
  static std::string read(HandedOverConnection& connection, std::size_t size) {
    std::string into(size, '\0');
    const Transfer moved = connection.read(into);
    if (moved.status == Status::would_block) return "would block";
    if (moved.status == Status::end) return "end";
    if (moved.status == Status::error) return "error";
    return into.substr(0, moved.bytes);
  }

  Record record_;
};

TEST_F(HandedOverConnectionTest, SaysWhoseItIs) {
  const HandedOverConnection connection = make("");
  EXPECT_EQ(connection.descriptor(), 77);
  EXPECT_EQ(connection.remote_address(), "10.0.0.1");
  EXPECT_FALSE(connection.encrypted());
}

TEST_F(HandedOverConnectionTest, ReadsWhatTheServerHasReadFirst) {
  record_.stream.pieces = {"from the stream"};
  HandedOverConnection connection = make("request");
  EXPECT_EQ(read(connection, 3), "req");
  EXPECT_EQ(read(connection, 100), "uest");
  EXPECT_EQ(read(connection, 100), "from the stream");
  EXPECT_EQ(read(connection, 100), "would block");
}

TEST_F(HandedOverConnectionTest, KeepsWhatAReadHasNoRoomFor) {
  record_.stream.pieces = {std::string(60'000, 'x') + "y"};
  record_.stream.at_end = IoStatus::end;
  HandedOverConnection connection = make("");
  std::string all;
  while (!all.ends_with('y')) all += read(connection, 1'001);
  EXPECT_EQ(all.size(), 60'001u);
  EXPECT_EQ(read(connection, 1), "end");
}

TEST_F(HandedOverConnectionTest, SaysThatItIsBroken) {
  record_.stream.at_end = IoStatus::error;
  HandedOverConnection connection = make("rest");
  EXPECT_EQ(read(connection, 4), "rest");
  EXPECT_EQ(read(connection, 4), "error");
}

TEST_F(HandedOverConnectionTest, Writes) {
  HandedOverConnection connection = make("");
  const Transfer moved = connection.write("response");
  EXPECT_EQ(moved.status, Status::ok);
  EXPECT_EQ(moved.bytes, 8u);
  connection.shutdown_write();
  EXPECT_EQ(record_.stream.written, "response");
  EXPECT_EQ(record_.stream.shutdowns, 1);
}

TEST_F(HandedOverConnectionTest, GivesBackWhatWasReadAheadBeforeWhatIsHeld) {
  record_.stream.pieces = {"one two three"};
  HandedOverConnection connection = make("");
  EXPECT_EQ(read(connection, 8), "one two ");
  connection.give_back("two ");
  EXPECT_EQ(record_.returned, "two three");
  EXPECT_EQ(record_.returns, 1);
}

TEST_F(HandedOverConnectionTest, IsClosedOnceItIsRefused) {
  HandedOverConnection connection = make("request");
  connection.refuse();
  EXPECT_EQ(record_.refusals, 1);
  EXPECT_EQ(record_.ends, 1);
  EXPECT_EQ(record_.returns, 0);
  EXPECT_EQ(record_.stream.written, "");
}

TEST_F(HandedOverConnectionTest, IsOneConnectionHoweverItIsMoved) {
  {
    HandedOverConnection connection = make("a");
    HandedOverConnection other = std::move(connection);
    EXPECT_EQ(read(other, 1), "a");
    HandedOverConnection last = make("b");
    EXPECT_EQ(record_.ends, 0);
    last = std::move(other);
    EXPECT_EQ(record_.ends, 1) << "it takes the place of another";
  }
  EXPECT_EQ(record_.ends, 2);
  EXPECT_EQ(record_.returns, 0);
}

}  // namespace
}  // namespace wscast::net
