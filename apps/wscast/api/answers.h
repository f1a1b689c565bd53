#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "wscast/client_info.h"

#include "api/http_exchange.h"

namespace wscast::program {

/// A JSON object as the body of a response.
ApiResponse ok(std::string json);

/// The response for an error of a call of the Server.
ApiResponse error_response(std::error_code error);

/// A client of the server of that id, as calls show it.
std::string client_json(const ClientInfo& client, std::string_view server_id);

/// A room as the list of rooms shows it.
std::string room_json(std::string_view name, std::size_t members);

/// `[...]` of texts that are JSON.
std::string json_array(const std::vector<std::string>& elements);

/// The part of a list that a query asks for, by `after` and `limit` (1 to 1,000, without it 100).
struct PageQuery {
  std::string after{};
  std::size_t limit = 100;

  /// Returns what is wrong, or an empty text.
  std::string read(std::string_view query);
};

}  // namespace wscast::program
