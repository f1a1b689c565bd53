#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wscast::server {

/// What tells whether files were changed or replaced, also by a symbolic link on their way: their
/// place, size and times. A value.
class FileStamps {
 public:
  /// Looks at the files now; one that is missing has a stamp of its own.
  static FileStamps of(const std::vector<std::string>& files);

  friend bool operator==(const FileStamps&, const FileStamps&) = default;

 private:
  struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = -1;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  std::vector<Stamp> stamps_;
};

}  // namespace wscast::server
