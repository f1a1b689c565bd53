#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/body.h"
#include "api/http_exchange.h"

namespace wscast::program {

/// What the servers responded to one call of the HTTP API: each with 200 or 404.
struct Gathered {
  ApiResponse here{};  ///< Of the server that was called.
  std::vector<ApiResponse> others{};
  std::vector<std::string> unanswered{};  ///< Ids of servers whose response is missing.
  std::string_view query{};               ///< Of the call: for its `limit`.
};

/// Makes the response for the caller. It names the servers that are unanswered, if there are any:
/// `"unanswered":[...]`. When nothing was found, and a server is unanswered, it is 503: nobody
/// knows.
using Merge = ApiResponse (*)(const Gathered& gathered);

/// The response of the one server that has what was asked for.
ApiResponse merge_found(const Gathered& gathered);

/// `{"disconnected":n}` and the like: the sum.
ApiResponse merge_counts(const Gathered& gathered);

/// Parts of the list of clients, which is sorted by their ids.
ApiResponse merge_clients(const Gathered& gathered);

/// Parts of the list of rooms, which is sorted by their names.
ApiResponse merge_rooms(const Gathered& gathered);

/// A room and a part of its members.
ApiResponse merge_room(const Gathered& gathered);

/// A user and its clients.
ApiResponse merge_user(const Gathered& gathered);

/// The responses that found something, read by `fields`; members that no field is for are skipped.
std::vector<Body> found(const Gathered& gathered, std::span<const BodyField> fields);

/// The response for what no server has found.
ApiResponse not_found(const Gathered& gathered);

/// Adds which servers are unanswered to a JSON object.
std::string with_unanswered(std::string object, const std::vector<std::string>& servers);

}  // namespace wscast::program
