#include "broker/redis/history/append_batch.h"

#include <utility>

namespace wscast::redis {
namespace {

// Redis serves nobody else while the script runs.
constexpr std::size_t kMaxMessages = 100;
constexpr std::size_t kMaxBytes = 64 * 1024;

}  // namespace

bool AppendBatch::fits(const HistoryAppend& append) const {
  if (empty()) return true;
  return append.room == room_ && append.limits == limits_ &&
         append.key.empty() == messages_.front().key.empty() && messages_.size() < kMaxMessages &&
         bytes_ + append.envelope.size() <= kMaxBytes;
}

void AppendBatch::add(HistoryAppend append, OnAppended on_appended) {
  const std::size_t bytes = append.envelope.size();
  messages_.push_back({std::move(append.envelope), std::move(append.key), std::move(on_appended)});
  room_ = std::move(append.room);
  limits_ = append.limits;
  bytes_ += bytes;
}

}  // namespace wscast::redis
