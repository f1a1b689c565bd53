#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "hub/client_record.h"
#include "server/directory.h"

namespace wscast::server {

/// Clients that a directory knows, without sessions. `directory` and `clock` must outlive it.
class DirectoryClients {
 public:
  DirectoryClients(Directory& directory, const Clock& clock)
      : directory_(directory), clock_(clock) {}

  /// A client of `user`, on that shard; it stays.
  hub::ClientRecord& add(std::size_t shard, std::string user = {}) {
    auto& record = *records_.emplace_back(std::make_unique<hub::ClientRecord>(
        ClientId::generate(system_random()), shard, clock_.now(), clock_.wall()));
    directory_.add(record);
    directory_.identify(record, {.user_id = std::move(user)});
    return record;
  }

 private:
  Directory& directory_;
  const Clock& clock_;
  std::vector<std::unique_ptr<hub::ClientRecord>> records_;
};

}  // namespace wscast::server
