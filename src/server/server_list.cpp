#include "server/server_list.h"

#include <utility>

namespace wscast::server {

bool ServerList::update(ServerInfo info, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  const auto known = servers_.find(info.id);
  if (known != servers_.end()) {
    known->second = Entry{std::move(info), now};
    return false;
  }
  if (servers_.size() == kMaxServers) return false;
  const std::string id = info.id;
  servers_.emplace(id, Entry{std::move(info), now});
  return true;
}

void ServerList::remove(const std::string& id) {
  const std::lock_guard lock(mutex_);
  servers_.erase(id);
}

void ServerList::forget_silent(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(servers_, [now](const auto& server) {
    return now - server.second.announced >= kForgetAfter;
  });
}

void ServerList::refresh(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, entry] : servers_) entry.announced = now;
}

std::vector<ServerInfo> ServerList::servers() const {
  const std::lock_guard lock(mutex_);
  std::vector<ServerInfo> infos;
  infos.reserve(servers_.size());
  for (const auto& [id, entry] : servers_) infos.push_back(entry.info);
  return infos;
}

std::vector<std::string> ServerList::ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  ids.reserve(servers_.size());
  for (const auto& [id, entry] : servers_) ids.push_back(id);
  return ids;
}

}  // namespace wscast::server
