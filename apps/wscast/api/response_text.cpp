#include "api/response_text.h"

#include <array>
#include <variant>

#include "api/body.h"
#include "json_writer.h"

namespace wscast::program {
namespace {

constexpr std::array kFields = {BodyField{"status", BodyField::Type::number, ""},
                                BodyField{"body", BodyField::Type::any, ""}};

}  // namespace

std::string response_text(const ApiResponse& response) {
  const std::string status = std::to_string(response.status);
  return JsonObjectWriter()
      .raw("status", Json::text(status))
      .raw("body", Json::text(response.body))
      .finish();
}

std::optional<ApiResponse> read_response(std::string_view text) {
  const auto read = Body::read(text, kFields);
  const auto* body = std::get_if<Body>(&read);
  if (body == nullptr || !body->number("status")) return std::nullopt;
  return ApiResponse{.status = static_cast<int>(*body->number("status")),
                     .body = std::string(body->raw("body"))};
}

}  // namespace wscast::program
