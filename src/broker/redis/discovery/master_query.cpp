#include "broker/redis/discovery/master_query.h"

#include <charconv>
#include <string_view>

#include "broker/redis/resp/command.h"
#include "broker/redis/resp/error_text.h"

namespace wscast::redis {
namespace {

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

}  // namespace

std::string MasterQuery::opening() {
  std::string commands;
  append_command(commands, {"SENTINEL", "get-master-addr-by-name", url_.master_name});
  return commands;
}

HandshakeStep::Result MasterQuery::on_reply(const RespValue& reply, std::string& more,
                                            std::string& fault) {
  if (auth_pending_) {
    auth_pending_ = false;
    if (reply.kind == RespValue::Kind::status) return Result::more;
    fault = auth_error_text(reply);
    return is_temporary(reply) ? Result::not_yet : Result::failed;
  }
  // A Sentinel whose default user may do little says NOPERM instead.
  const bool wants_login = reply.kind == RespValue::Kind::error &&
                           (reply.text.starts_with("NOAUTH") || reply.text.starts_with("NOPERM"));
  if (wants_login && url_.has_credentials() && !auth_tried_) {
    append_auth(more, url_.user, url_.password);
    more += opening();
    auth_pending_ = auth_tried_ = true;
    return Result::more;
  }
  return read_address(reply, fault);
}

HandshakeStep::Result MasterQuery::read_address(const RespValue& reply, std::string& fault) {
  if (reply.kind == RespValue::Kind::nil) {
    fault = "knows no master '" + url_.master_name + "'";
    return Result::failed;
  }
  const bool address = reply.kind == RespValue::Kind::array && reply.elements.size() == 2;
  if (!address || !read_port(reply.elements[1].text, master_.port)) {
    fault = error_text(reply);
    return is_temporary(reply) ? Result::not_yet : Result::failed;
  }
  master_.name = reply.elements[0].text;
  return Result::done;
}

}  // namespace wscast::redis
