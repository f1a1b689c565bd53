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
  return append.room == room && append.limits == limits && append.key.empty() == keys.empty() &&
         envelopes.size() < kMaxMessages && bytes + append.envelope.size() <= kMaxBytes;
}

void AppendBatch::add(HistoryAppend append, OnAppended on_appended) {
  room = std::move(append.room);
  limits = append.limits;
  bytes += append.envelope.size();
  done.push_back(std::move(on_appended));
  if (!append.key.empty()) keys.push_back(std::move(append.key));
  envelopes.push_back(std::move(append.envelope));
}

}  // namespace wscast::redis
