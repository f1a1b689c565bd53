#include "net/usable_cores.h"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <stdlib.h>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace wscast::net {
namespace {

namespace fs = std::filesystem;

/// A machine's files about control groups. The quotas here are under one core, so that any machine
/// may run these tests.
class UsableCoresTest : public testing::Test {
 protected:
  UsableCoresTest() {
    std::string name = (fs::temp_directory_path() / "wscast-cores-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  ~UsableCoresTest() override { fs::remove_all(root_); }

  void write(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text << '\n';
  }
  std::size_t cores() const { return usable_cores(root_); }

  const std::size_t all_ = usable_cores("/nowhere");
  fs::path root_;
};

TEST_F(UsableCoresTest, WithoutQuotasThoseOfTheAffinity) {
  EXPECT_GE(all_, 1u);
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  EXPECT_EQ(all_, static_cast<std::size_t>(CPU_COUNT(&before)));
  std::thread([this, &before] {
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++core) {
      if (CPU_ISSET(core, &before)) CPU_SET(core, &one);
    }
    ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
    EXPECT_EQ(cores(), 1u);
  }).join();
}

TEST_F(UsableCoresTest, AQuotaIsRoundedUp) {
  write("proc/self/cgroup", "0::/");
  write("sys/fs/cgroup/cpu.max", "50000 100000");
  EXPECT_EQ(cores(), 1u);
  write("sys/fs/cgroup/cpu.max", "max 100000");
  EXPECT_EQ(cores(), all_);
  write("sys/fs/cgroup/cpu.max", "99900000 100000");
  EXPECT_EQ(cores(), all_) << "no more than there are";
}

TEST_F(UsableCoresTest, TheLeastOfTheGroupAndThoseAbove) {
  write("proc/self/cgroup", "0::/system.slice/wscast.service");
  write("sys/fs/cgroup/system.slice/wscast.service/cpu.max", "max 100000");
  EXPECT_EQ(cores(), all_);
  write("sys/fs/cgroup/system.slice/cpu.max", "10000 100000");
  EXPECT_EQ(cores(), 1u);
}

TEST_F(UsableCoresTest, InAContainerTheGroupIsTheMount) {
  write("proc/self/cgroup", "0::/docker/0123");
  write("sys/fs/cgroup/cpu.max", "10000 100000");
  EXPECT_EQ(cores(), 1u);
}

TEST_F(UsableCoresTest, OfTheFirstVersionToo) {
  for (const std::string controllers : {"cpu", "cpu,cpuacct"}) {
    fs::remove_all(root_ / "sys");
    write("proc/self/cgroup", "4:memory:/a\n3:" + controllers + ":/a\n1:name=systemd:/");
    const std::string group = "sys/fs/cgroup/" + controllers + "/a/";
    write(group + "cpu.cfs_period_us", "100000");
    write(group + "cpu.cfs_quota_us", "-1");
    EXPECT_EQ(cores(), all_);
    write(group + "cpu.cfs_quota_us", "20000");
    EXPECT_EQ(cores(), 1u);
  }
}

TEST_F(UsableCoresTest, WhatIsNotAsItShouldBeLimitsNothing) {
  write("proc/self/cgroup", "nonsense\n0:/\n0::/a");
  write("sys/fs/cgroup/a/cpu.max", "much of it");
  EXPECT_EQ(cores(), all_);
}

}  // namespace
}  // namespace wscast::net
