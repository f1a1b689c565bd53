#include "api/merge.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "api/answers.h"
#include "api/body.h"
#include "api/problem.h"
#include "json_writer.h"

namespace wscast::program {
namespace {

using Type = BodyField::Type;

constexpr int kFound = 200;

/// What is asked for of the responses of servers. Other members are skipped.
constexpr std::array kCounts = {
    BodyField{"disconnected", Type::number, ""}, BodyField{"joined", Type::number, ""},
    BodyField{"left", Type::number, ""}, BodyField{"stopped", Type::number, ""}};
constexpr std::array kListFields = {
    BodyField{"clients", Type::objects, ""}, BodyField{"rooms", Type::objects, ""},
    BodyField{"next", Type::text, ""},       BodyField{"name", Type::text, ""},
    BodyField{"members", Type::number, ""},  BodyField{"userId", Type::text, ""}};
constexpr std::array kElementFields = {BodyField{"id", Type::text, ""},
                                       BodyField{"name", Type::text, ""},
                                       BodyField{"members", Type::number, ""}};

ApiResponse complete(const Gathered& gathered, std::string object) {
  return ok(with_unanswered(std::move(object), gathered.unanswered));
}

/// A part of a sorted list, merged from such parts of several servers.
struct MergedPart {
  std::map<std::string, std::string> elements{};  ///< JSON by sort key.
  bool more = false;

  /// Each server sends its first `limit` entries behind the same one, so the first `limit` of all
  /// are among them, complete.
  void cut(std::size_t limit) {
    if (elements.size() < limit) return;
    elements.erase(std::next(elements.begin(), static_cast<std::ptrdiff_t>(limit)), elements.end());
    more = true;
  }

  std::string json() const {
    std::vector<std::string> texts;
    for (const auto& [key, text] : elements) texts.push_back(text);
    return json_array(texts);
  }

  void write_next(JsonObjectWriter& out) const {
    if (more) out.text("next", elements.rbegin()->first);
  }
};

MergedPart merge_members(const std::vector<Body>& bodies) {
  MergedPart merged;
  for (const Body& body : bodies) {
    for (const std::string& client : body.objects("clients")) {
      const auto read = Body::read(client, kElementFields, Body::Unknown::skip);
      const auto* members = std::get_if<Body>(&read);
      if (members != nullptr) merged.elements.emplace(members->text("id"), client);
    }
  }
  return merged;
}

std::size_t limit_of(const Gathered& gathered) {
  PageQuery page;
  page.read(gathered.query);  // The handler has checked it.
  return page.limit;
}

}  // namespace

std::vector<Body> found(const Gathered& gathered, std::span<const BodyField> fields) {
  std::vector<Body> bodies;
  const auto add = [&bodies, fields](const ApiResponse& response) {
    if (response.status != kFound) return;
    auto read = Body::read(response.body, fields, Body::Unknown::skip);
    if (auto* body = std::get_if<Body>(&read)) bodies.push_back(std::move(*body));
  };
  add(gathered.here);
  for (const ApiResponse& other : gathered.others) add(other);
  return bodies;
}

ApiResponse not_found(const Gathered& gathered) {
  if (gathered.unanswered.empty()) return gathered.here;
  ApiResponse response = problem(503, "not on a server that answered");
  response.body = with_unanswered(std::move(response.body), gathered.unanswered);
  return response;
}

std::string with_unanswered(std::string object, const std::vector<std::string>& servers) {
  if (servers.empty()) return object;
  std::vector<std::string> ids;
  for (const std::string& server : servers) ids.push_back(json_string(server));
  object.pop_back();
  if (object.size() > 1) object += ',';
  return object + "\"unanswered\":" + json_array(ids) + "}";
}

ApiResponse merge_found(const Gathered& gathered) {
  for (const ApiResponse& other : gathered.others) {
    if (other.status == kFound) return other;
  }
  return not_found(gathered);
}

ApiResponse merge_counts(const Gathered& gathered) {
  std::uint64_t sum = 0;
  std::string name;
  for (const Body& body : found(gathered, kCounts)) {
    for (const BodyField& field : kCounts) {
      if (!body.has(field.name)) continue;
      name = field.name;
      sum += *body.number(field.name);
    }
  }
  if (name.empty()) return not_found(gathered);
  const std::string number = std::to_string(sum);
  return complete(gathered, JsonObjectWriter().raw(name, Json::text(number)).finish());
}

ApiResponse merge_clients(const Gathered& gathered) {
  MergedPart merged = merge_members(found(gathered, kListFields));
  merged.cut(limit_of(gathered));
  const std::string clients = merged.json();
  JsonObjectWriter out;
  out.raw("clients", Json::text(clients));
  merged.write_next(out);
  return complete(gathered, out.finish());
}

ApiResponse merge_rooms(const Gathered& gathered) {
  std::map<std::string, std::uint64_t> members;
  for (const Body& body : found(gathered, kListFields)) {
    for (const std::string& room : body.objects("rooms")) {
      const auto read = Body::read(room, kElementFields, Body::Unknown::skip);
      const auto* entry = std::get_if<Body>(&read);
      if (entry == nullptr) continue;
      members[std::string(entry->text("name"))] += entry->number("members").value_or(0);
    }
  }
  MergedPart merged;
  for (const auto& [name, count] : members) merged.elements.emplace(name, room_json(name, count));
  merged.cut(limit_of(gathered));
  const std::string rooms = merged.json();
  JsonObjectWriter out;
  out.raw("rooms", Json::text(rooms));
  merged.write_next(out);
  return complete(gathered, out.finish());
}

ApiResponse merge_room(const Gathered& gathered) {
  const std::vector<Body> bodies = found(gathered, kListFields);
  if (bodies.empty()) return not_found(gathered);
  std::uint64_t sum = 0;
  for (const Body& body : bodies) sum += body.number("members").value_or(0);
  MergedPart merged = merge_members(bodies);
  merged.cut(limit_of(gathered));
  const std::string count = std::to_string(sum);
  const std::string clients = merged.json();
  JsonObjectWriter out;
  out.text("name", bodies.front().text("name"))
      .raw("members", Json::text(count))
      .raw("clients", Json::text(clients));
  merged.write_next(out);
  return complete(gathered, out.finish());
}

ApiResponse merge_user(const Gathered& gathered) {
  const std::vector<Body> bodies = found(gathered, kListFields);
  if (bodies.empty()) return not_found(gathered);
  const std::string clients = merge_members(bodies).json();
  JsonObjectWriter out;
  out.text("userId", bodies.front().text("userId")).raw("clients", Json::text(clients));
  return complete(gathered, out.finish());
}

}  // namespace wscast::program
