#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/client_id.h"

namespace wscast::server {

/// The client ids among `texts`, sorted, as an `exclude` is kept.
inline std::vector<ClientId> sorted_ids(const std::vector<std::string>& texts) {
  std::vector<ClientId> ids;
  for (const auto& text : texts) {
    if (const auto id = ClientId::spelled(text)) ids.push_back(*id);
  }
  std::ranges::sort(ids);
  return ids;
}

/// The same for FanOut::exclude.
inline std::shared_ptr<const std::vector<ClientId>> shared_ids(
    const std::vector<std::string>& texts) {
  if (texts.empty()) return nullptr;
  return std::make_shared<const std::vector<ClientId>>(sorted_ids(texts));
}

}  // namespace wscast::server
