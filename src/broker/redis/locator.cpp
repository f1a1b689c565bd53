#include "broker/redis/locator.h"

#include <algorithm>
#include <utility>

#include "broker/redis/pick.h"

namespace wscast::redis {

Locator::Locator(const RedisUrl& url, Random& random) : url_(url) {
  if (url.kind == RedisUrl::Kind::cluster) first_ = pick(random, url.hosts.size());
}

void Locator::begin() {
  tried_ = 0;
  master_.reset();
  masters_tried_.clear();
}

std::optional<Locator::Step> Locator::next() {
  if (master_) {
    masters_tried_.push_back(*std::exchange(master_, std::nullopt));
    return Step{.host = masters_tried_.back()};
  }
  if (tried_ == url_.hosts.size()) {
    first_ = (first_ + 1) % url_.hosts.size();
    return std::nullopt;
  }
  current_ = (first_ + tried_++) % url_.hosts.size();
  return Step{.host = url_.hosts[current_], .is_sentinel = url_.kind == RedisUrl::Kind::sentinel};
}

void Locator::found_master(Host master) {
  if (std::ranges::find(masters_tried_, master) == masters_tried_.end()) {
    master_ = std::move(master);
  }
}

void Locator::lost() {
  // A node that went may hang; a Sentinel that led to it is as good as before.
  if (url_.kind == RedisUrl::Kind::cluster) first_ = (current_ + 1) % url_.hosts.size();
}

}  // namespace wscast::redis
