#include "server/file_stamps.h"

#include <sys/stat.h>

namespace wscast::server {
namespace {

std::int64_t in_ns(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

FileStamps FileStamps::of(const std::vector<std::string>& files) {
  FileStamps stamps;
  for (const std::string& file : files) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {
      stamps.stamps_.emplace_back();
      continue;
    }
    stamps.stamps_.push_back({.device = status.st_dev,
                              .inode = status.st_ino,
                              .size = status.st_size,
                              .modified_ns = in_ns(status.st_mtim),
                              .changed_ns = in_ns(status.st_ctim)});
  }
  return stamps;
}

}  // namespace wscast::server
