#include "hub/member.h"

#include <algorithm>

#include "hub/group.h"

namespace wscast::hub {

std::uint32_t* Member::index_in(const Group& group) {
  if (group.kind() == Group::Kind::everybody) {
    return seat_among_all_ == kNoSeat ? nullptr : &seat_among_all_;
  }
  Seat* seat = std::ranges::find(seats_, &group, &Seat::group);
  return seat == seats_.end() ? nullptr : &seat->index;
}

void Member::sit_down(Group& group, std::uint32_t index) {
  if (group.kind() == Group::Kind::everybody) {
    seat_among_all_ = index;
  } else {
    seats_.push_back({&group, index});
  }
}

void Member::stand_up(const Group& group) noexcept {
  if (group.kind() == Group::Kind::everybody) {
    seat_among_all_ = kNoSeat;
  } else {
    seats_.remove(std::ranges::find(seats_, &group, &Seat::group));
  }
}

}  // namespace wscast::hub
