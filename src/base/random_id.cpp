#include "base/random_id.h"

#include <array>
#include <cstdint>

#include "base/random.h"
#include "base/uuid.h"

namespace wscast {

std::string random_id(Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  return hex(bytes);
}

std::string random_uuid(Random& random) {
  UuidBytes bytes{};
  random.fill(bytes);
  stamp_uuid_v4(bytes);
  return format_uuid(bytes);
}

}  // namespace wscast
