#include "broker/redis/history/page_builder.h"

#include <utility>

namespace wscast::redis {

bool PageBuilder::add(ReadReply part) {
  if (up_to_ && part.last.epoch != page_.epoch) {
    page_ = {};
    bytes_ = 0;
    up_to_.reset();
    through_ = after_;
    return false;
  }
  if (!up_to_) up_to_ = part.last.offset;
  page_.epoch = std::move(part.last.epoch);
  for (auto& entry : part.entries) {
    // What lies before a hole is not kept any more.
    if (!page_.entries.empty() && entry.offset != page_.entries.back().offset + 1) {
      page_.entries.clear();
      bytes_ = 0;
    }
    bytes_ += entry.envelope.size();
    page_.entries.push_back(std::move(entry));
  }
  const bool advanced = part.through > through_;
  through_ = part.through;
  return through_ >= *up_to_ || !advanced || bytes_ >= max_bytes_;
}

HistoryPage PageBuilder::take() {
  page_.available = true;
  page_.last = *up_to_;
  const std::uint64_t end = bytes_ < max_bytes_ ? page_.last : through_;
  if (!page_.entries.empty() && page_.entries.back().offset != end) page_.entries.clear();
  return std::move(page_);
}

}  // namespace wscast::redis
