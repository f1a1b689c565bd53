#include "hub/member.h"

#include <algorithm>

namespace wscast::hub {

Member::Seat* Member::seat_in(const Group& group) {
  const auto seat = std::ranges::find(seats_, &group, &Seat::group);
  return seat == seats_.end() ? nullptr : &*seat;
}

const Member::Seat* Member::seat_in(const Group& group) const {
  return const_cast<Member*>(this)->seat_in(group);
}

}  // namespace wscast::hub
