#include "server/hook_times.h"

namespace wscast::server {
namespace {

constexpr std::array<std::string_view, kHooks> kNames = {"authenticate",
                                                         "handshake",
                                                         "validate_rooms",
                                                         "connected",
                                                         "disconnected",
                                                         "joined",
                                                         "left",
                                                         "room_occupied",
                                                         "room_vacated",
                                                         "message",
                                                         "outbound_transformer",
                                                         "server_call",
                                                         "on_result"};

}  // namespace

std::string_view to_string(HookName name) {
  return kNames[static_cast<std::size_t>(name)];
}

void HookTimes::add_to(std::vector<HookTime>& all) const {
  all.resize(kHooks);
  for (std::size_t i = 0; i < kHooks; ++i) {
    all[i].hook = kNames[i];
    times_[i].add_to(all[i].time_ns);
  }
}

}  // namespace wscast::server
