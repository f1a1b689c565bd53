#pragma once

namespace wscast::net {

/// One connection's place among those that a limit counts, given up when this is destroyed.
class Place {
 public:
  Place() = default;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  virtual ~Place() = default;
};

}  // namespace wscast::net
