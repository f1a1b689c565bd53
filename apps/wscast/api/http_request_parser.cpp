#include "api/http_request_parser.h"

#include <algorithm>

namespace wscast::program {
namespace {

constexpr std::size_t kKeptBytes = 16 * 1024;
/// Of a body that may never come.
constexpr std::size_t kReservedBytes = std::size_t{64} * 1024;

void empty(std::string& text) {
  text.clear();
  if (text.capacity() > kKeptBytes) text.shrink_to_fit();
}

}  // namespace

void HttpRequestTexts::clear() {
  for (auto* text : {&method, &target, &host, &origin, &authorization, &expect, &body}) {
    empty(*text);
  }
}

void HttpRequestParser::on_request_impl(boost::beast::http::verb /*verb*/, Text method, Text target,
                                        int /*version*/, Error& /*error*/) {
  texts_.method.assign(method.data(), method.size());
  texts_.target.assign(target.data(), target.size());
}

void HttpRequestParser::on_field_impl(Field name, Text /*name_text*/, Text value,
                                      Error& /*error*/) {
  if (head_done_) return;
  const auto keep = [value](std::string& text) {
    if (text.empty()) text.assign(value.data(), value.size());
  };
  switch (name) {
    case Field::host:
      return keep(texts_.host);
    case Field::origin:
      return keep(texts_.origin);
    case Field::authorization:
      return keep(texts_.authorization);
    case Field::expect:
      return keep(texts_.expect);
    default:
      return;
  }
}

void HttpRequestParser::on_header_impl(Error& /*error*/) {
  head_done_ = true;
}

void HttpRequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& length,
                                          Error& /*error*/) {
  if (length) texts_.body.reserve(std::min<std::uint64_t>(*length, kReservedBytes));
}

std::size_t HttpRequestParser::on_body_impl(Text piece, Error& /*error*/) {
  texts_.body.append(piece.data(), piece.size());
  return piece.size();
}

std::size_t HttpRequestParser::on_chunk_body_impl(std::uint64_t /*left*/, Text piece,
                                                  Error& /*error*/) {
  texts_.body.append(piece.data(), piece.size());
  return piece.size();
}

void HttpRequestParser::on_chunk_header_impl(std::uint64_t /*size*/, Text /*extensions*/,
                                             Error& /*error*/) {}

void HttpRequestParser::on_response_impl(int /*code*/, Text /*reason*/, int /*version*/,
                                         Error& /*error*/) {}

void HttpRequestParser::on_finish_impl(Error& /*error*/) {}

}  // namespace wscast::program
