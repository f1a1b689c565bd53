#include "doctor/clock_checks.h"

#include "json_writer.h"
#include "quantity.h"

namespace wscast::program {
namespace {

constexpr const char* kMend = "let a time service set the clocks, such as systemd-timesyncd";

}  // namespace

Finding check_clock(std::chrono::system_clock::time_point now,
                    std::chrono::system_clock::time_point built) {
  Finding finding{.check = "clock", .what = utc_text(now)};
  if (now >= built) return finding;
  finding.level = Finding::Level::error;
  finding.what += ", which is before this program was made: tokens and certificates seem invalid";
  finding.mend = kMend;
  return finding;
}

Finding check_redis_clock(std::chrono::milliseconds ahead) {
  constexpr std::chrono::seconds kLittle{1};
  constexpr std::chrono::seconds kLeeway{5};  // That tokens get.
  const auto by = std::chrono::abs(ahead);
  Finding finding{.check = "clock of Redis"};
  if (by <= kLittle) {
    finding.what = "within a second of this machine's";
    return finding;
  }
  finding.level = by > kLeeway ? Finding::Level::error : Finding::Level::warning;
  finding.what = duration_text(by) + (ahead.count() > 0 ? " ahead of" : " behind") +
                 " this machine's: one of them is wrong";
  finding.mend = kMend;
  return finding;
}

}  // namespace wscast::program
