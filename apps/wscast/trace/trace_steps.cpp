#include "trace/trace_steps.h"

#include <chrono>
#include <cstdint>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "json_writer.h"
#include "one_line.h"

namespace wscast::program {
namespace {

using Object = nlohmann::ordered_json;

std::string text_of(const Object& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? one_line(found->get<std::string>()) : "";
}

std::uint64_t number_of(const Object& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

/// Enough of an id to tell it from others.
std::string short_id(const std::string& id) {
  constexpr std::size_t kDigits = 8;
  return id.substr(0, kDigits);
}

/// The time of the day in UTC, with microseconds.
std::string time_text(std::uint64_t microseconds) {
  using namespace std::chrono;
  constexpr std::uint64_t kMillisecond = 1'000;
  constexpr std::size_t kDateBytes = 11;  // `2026-01-31T`
  const std::string all = utc_text(system_clock::time_point(
      duration_cast<system_clock::duration>(std::chrono::microseconds(microseconds))));
  char digits[8];
  std::snprintf(digits, sizeof digits, "%03uZ", static_cast<unsigned>(microseconds % kMillisecond));
  return all.substr(kDateBytes, all.size() - kDateBytes - 1) + digits;
}

std::string content_of(const Object& step) {
  return text_of(step, "event") + ", " + std::to_string(number_of(step, "bytes")) +
         " bytes, server " + short_id(text_of(step, "serverId"));
}

std::string words_of(const Object& step, const std::string& name) {
  const std::string client = text_of(step, "client");
  if (name == "published" || name == "received") return content_of(step);
  if (name == "written") return "to client " + client;
  if (name == "delivered") {
    return "accepted for " + std::to_string(number_of(step, "accepted")) + ", dropped for " +
           std::to_string(number_of(step, "dropped"));
  }
  if (name == "dropped") {
    return (client.empty() ? "" : "for client " + client + ": ") + text_of(step, "detail");
  }
  return text_of(step, "detail");
}

}  // namespace

bool TraceSteps::read(const std::string& json) {
  const Object object = Object::parse(json, nullptr, false);
  if (!object.is_object() || !object.contains("running") || !object.contains("events") ||
      !object["events"].is_array()) {
    return false;
  }
  running_ = number_of(object, "running");
  messages_ = number_of(object, "messages");
  lost_ = number_of(object, "eventsLost");
  steps_.clear();
  for (const Object& step : object["events"]) steps_.push_back(step.dump());
  unanswered_.clear();
  const auto unanswered = object.find("unanswered");
  if (unanswered == object.end() || !unanswered->is_array()) return true;
  for (const Object& server : *unanswered) {
    if (server.is_string()) unanswered_.push_back(server.get<std::string>());
  }
  return true;
}

/// Steps of another server may come later, with an earlier time: so the new ones are found one by
/// one. Two may look alike.
std::vector<std::string> TraceSteps::take_json() {
  std::vector<std::string> fresh;
  std::map<std::string, std::size_t> seen;
  for (const std::string& step : steps_) {
    if (++seen[step] > taken_[step]) fresh.push_back(step);
  }
  taken_ = std::move(seen);
  return fresh;
}

std::vector<std::string> TraceSteps::take_lines() {
  std::vector<std::string> lines = take_json();
  for (std::string& line : lines) line = step_line(line);
  return lines;
}

std::string step_line(const std::string& json) {
  constexpr std::size_t kNameWidth = 10;
  const Object step = Object::parse(json, nullptr, false);
  if (!step.is_object()) return {};
  std::string name = text_of(step, "step");
  const std::string words = words_of(step, name);
  if (name.size() < kNameWidth) name.resize(kNameWidth, ' ');
  return time_text(number_of(step, "time")) + " " + short_id(text_of(step, "message")) + " " +
         name + words;
}

}  // namespace wscast::program
