// What a webhook of the backend answers: who a client is, and which rooms it may join.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "auth/webhook_answer.h"
#include "stream.h"

namespace {

using namespace wscast;
using fuzz::require;
using program::Grant;
using program::WebhookFault;
using Rooms = std::vector<std::string>;

const Rooms kAsked = {"lobby", "team-1", "*", ""};

bool was_asked(const std::string& room) {
  return std::ranges::find(kAsked, room) != kAsked.end();
}

/// It is logged: one line, and not what the backend says.
void check_fault(const WebhookFault& fault) {
  constexpr std::size_t longest = 60;
  require(!fault.what.empty() && fault.what.size() <= longest, "a fault is a few words");
  require(std::ranges::all_of(fault.what, [](char c) { return c >= ' ' && c <= '~'; }),
          "a fault is one line of the program's own");
}

void check_grant(const Grant& grant, std::string_view body) {
  require(!grant.user_id.empty(), "a grant names a user");
  const auto metadata = nlohmann::json::parse(grant.metadata, nullptr, false);
  require(metadata.is_object(), "metadata is an object");
  require(grant.metadata == "{}" || body.find(grant.metadata) != std::string_view::npos,
          "metadata is as it came");
  if (!grant.expires_in) return;
  require(*grant.expires_in >= std::chrono::seconds(1), "a grant ends later");
  require(*grant.expires_in <= std::chrono::seconds(1'000'000'000), "its end is bounded");
}

/// The same grant, written anew.
std::string written(const Grant& grant) {
  nlohmann::json out{{"userId", grant.user_id}, {"rooms", grant.room_patterns}};
  if (grant.expires_in) {
    out["expiresIn"] = std::chrono::duration_cast<std::chrono::seconds>(*grant.expires_in).count();
  }
  std::string text = out.dump();
  text.back() = ',';
  return text + "\"metadata\":" + grant.metadata + "}";
}

void check_again(const Grant& grant) {
  const auto read = program::read_webhook_grant(written(grant));
  const auto* again = std::get_if<Grant>(&read);
  require(again != nullptr, "a grant can be read again");
  require(again->user_id == grant.user_id && again->room_patterns == grant.room_patterns &&
              again->metadata == grant.metadata && again->expires_in == grant.expires_in,
          "and is the same");
}

/// A grant and an answer about rooms read their rooms alike.
void check_rooms(const Rooms& rooms, const Grant* grant) {
  require(std::ranges::all_of(rooms, was_asked), "only what was asked is allowed");
  if (grant == nullptr) return;
  Rooms expected = grant->room_patterns;
  std::erase_if(expected, [](const std::string& room) { return !was_asked(room); });
  require(rooms == expected, "all that was asked and answered is allowed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  const auto who = program::read_webhook_grant(body);
  const auto* grant = std::get_if<Grant>(&who);
  if (grant == nullptr) {
    check_fault(std::get<WebhookFault>(who));
  } else {
    check_grant(*grant, body);
    check_again(*grant);
  }
  const auto answer = program::read_webhook_rooms(body, kAsked);
  if (const auto* rooms = std::get_if<Rooms>(&answer)) {
    check_rooms(*rooms, grant);
  } else {
    check_fault(std::get<WebhookFault>(answer));
    require(grant == nullptr || grant->room_patterns.empty(), "rooms are read alike");
  }
  return 0;
}
