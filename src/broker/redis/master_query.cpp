#include "broker/redis/master_query.h"

#include <array>
#include <charconv>
#include <string_view>

#include "broker/redis/command.h"
#include "broker/redis/error_words.h"
#include "broker/redis/login.h"

namespace wscast::redis {
namespace {

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

}  // namespace

std::string MasterQuery::opening() {
  std::string commands;
  append_command(commands, std::array<std::string_view, 3>{"SENTINEL", "get-master-addr-by-name",
                                                           url_.master_name});
  return commands;
}

Dialogue::Verdict MasterQuery::take(const Reply& reply, std::string& more, std::string& fault) {
  if (logging_in_) {
    logging_in_ = false;
    if (reply.kind == Reply::Kind::status) return Verdict::more;
    fault = words_of_auth(reply);
    return is_temporary(reply) ? Verdict::not_yet : Verdict::failed;
  }
  // A Sentinel whose default user may do little says NOPERM instead.
  const bool wants_login = reply.kind == Reply::Kind::error &&
                           (reply.text.starts_with("NOAUTH") || reply.text.starts_with("NOPERM"));
  if (wants_login && has_auth(url_) && !asked_twice_) {
    append_auth(more, url_);
    more += opening();
    logging_in_ = asked_twice_ = true;
    return Verdict::more;
  }
  return take_address(reply, fault);
}

Dialogue::Verdict MasterQuery::take_address(const Reply& reply, std::string& fault) {
  if (reply.kind == Reply::Kind::nil) {
    fault = "knows no master '" + url_.master_name + "'";
    return Verdict::failed;
  }
  const bool address = reply.kind == Reply::Kind::array && reply.elements.size() == 2;
  if (!address || !read_port(reply.elements[1].text, master_.port)) {
    fault = words_of(reply);
    return is_temporary(reply) ? Verdict::not_yet : Verdict::failed;
  }
  master_.name = reply.elements[0].text;
  return Verdict::done;
}

}  // namespace wscast::redis
