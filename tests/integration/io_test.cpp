// The two ways to write to many clients, io_uring and epoll, deliver the same.

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cstddef>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "wscast/log.h"

#include "integration/server_fixture.h"
#include "net/send_ring.h"
#include "support/break_rings.h"

namespace wscast {
namespace {

bool uring_works() {
  try {
    const net::SendRing ring;
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

/// Members of one room, more than fit into a batch.
class Room {
 public:
  explicit Room(ServerFixture& fixture, int size = 300) : fixture_(fixture) {
    for (int i = 0; i < size; ++i) members_.push_back(fixture.peer("u" + std::to_string(i), {"r"}));
  }

  std::vector<Peer>& members() { return members_; }

  void publish(int from, int to) const {
    for (int i = from; i <= to; ++i) {
      const std::string data = std::to_string(i);
      fixture_.server().send_to_room({.room = "r", .event = "n", .data = Json::text(data)});
    }
  }

  /// Each member but `but` receives these numbers next.
  void expect(int from, int to, std::size_t but = SIZE_MAX) const {
    for (std::size_t m = 0; m < members_.size(); ++m) {
      for (int i = from; m != but && i <= to; ++i) {
        ASSERT_EQ(members_[m].next(), message("n", std::to_string(i))) << "member " << m;
      }
    }
  }

 private:
  ServerFixture& fixture_;
  std::vector<Peer> members_;
};

class BothIos : public testing::TestWithParam<Io> {
 protected:
  void SetUp() override {
    if (GetParam() == Io::uring && !uring_works()) GTEST_SKIP() << "io_uring cannot be used";
  }

  ServerFixture fixture_{2, [](ServerOptions& options) {
                           options.transport.io = uring_works() ? GetParam() : Io::epoll;
                           options.transport.backpressure_limit = 64 << 20;
                         }};
};

TEST_P(BothIos, ARoomReceivesAllInOrder) {
  Room room(fixture_);
  room.publish(1, 200);
  room.expect(1, 200);
  const auto batched = fixture_.count(Counter::batched_sends);
  if (GetParam() == Io::uring) {
    EXPECT_GT(batched, 300u);
  } else {
    EXPECT_EQ(batched, 0u);
  }
}

TEST_P(BothIos, MembersThatLeaveMeanwhileCostTheOthersNothing) {
  Room room(fixture_);
  for (int i = 1; i <= 200; ++i) {
    room.publish(i, i);
    if (i % 10 == 0) room.members().erase(room.members().begin() + i);
  }
  room.expect(1, 200);
}

TEST_P(BothIos, SmallAndLongMessagesStayInOrder) {
  Room room(fixture_, 20);
  const std::string padding(100'000, ' ');
  for (int i = 1; i <= 50; ++i) {
    room.publish(i, i);
    const std::string data = std::to_string(i) + padding;
    fixture_.server().send_to_room({.room = "r", .event = "long", .data = Json::text(data)});
  }
  for (const auto& member : room.members()) {
    for (int i = 1; i <= 50; ++i) {
      ASSERT_EQ(member.next(), message("n", std::to_string(i)));
      ASSERT_EQ(member.next(), message("long", std::to_string(i) + padding));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, BothIos, testing::Values(Io::uring, Io::epoll),
                         [](const auto& io) { return io.param == Io::uring ? "Uring" : "Epoll"; });

/// Has the kernel refuse io_uring to this thread and those that it starts, as in most containers.
void forbid_uring() {
  std::array<sock_filter, 4> program{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0), 0);
}

TEST(Io, WhereTheKernelForbidsUringEpollIsUsedAndSaysWhy) {
  std::vector<std::string> lines;
  set_log_sink([&](const LogLine& line) {
    if (line.event.starts_with("io_uring")) lines.emplace_back(line.message);
  });
  std::thread([] {
    forbid_uring();
    ServerFixture fixture(2, [](auto& options) { options.transport.io = Io::automatic; });
    Room room(fixture, 20);
    room.publish(1, 20);
    room.expect(1, 20);
    EXPECT_EQ(fixture.count(Counter::batched_sends), 0u);
    EXPECT_THROW(ServerFixture(1, [](auto& options) { options.transport.io = Io::uring; }),
                 std::system_error);
  }).join();
  set_log_sink({});
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], "io_uring is not used: io_uring_queue_init: Operation not permitted");
}

TEST(Io, ARingThatFailsIsGivenUpAndNothingIsLost) {
  if (!uring_works()) GTEST_SKIP() << "io_uring cannot be used";
  ServerFixture fixture(2, [](ServerOptions& options) { options.transport.io = Io::uring; });
  Room room(fixture);
  room.publish(1, 20);
  room.expect(1, 20);
  test::break_rings();
  room.publish(21, 60);
  room.expect(21, 60);
}

}  // namespace
}  // namespace wscast
