#pragma once

#include <fcntl.h>
#include <filesystem>
#include <string>
#include <system_error>
#include <unistd.h>

#include "net/fd.h"

namespace wscast::test {

/// Makes every use of the process's io_uring instances fail from now on.
inline void break_rings() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    if (std::filesystem::read_symlink(entry.path(), error) != "anon_inode:[io_uring]") continue;
    const net::Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    ::dup3(null.get(), std::stoi(entry.path().filename()), O_CLOEXEC);
  }
}

}  // namespace wscast::test
