#include "http/request_parser.h"

#include <algorithm>
#include <limits>

#include <boost/beast/http/basic_parser.hpp>

#include "http/text.h"

namespace wscast::http {
namespace {

namespace beast = boost::beast;

/// Collects what Beast's parser finds as views into the text parsed. Keeps the fields in the order
/// sent, unlike Beast's own containers. Parses no bodies.
class Collector final : public beast::http::basic_parser<true> {
 public:
  Collector(RequestHead& head, std::vector<HeaderField>& fields) : head_(head), fields_(fields) {
    // The scanner's limits apply; Beast's must not come first.
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(boost::none);
  }

 private:
  using Text = beast::string_view;
  using Error = beast::error_code;

  static std::string_view view(Text text) { return {text.data(), text.size()}; }

  void on_request_impl(beast::http::verb, Text method, Text target, int version, Error&) override {
    head_.method = view(method);
    head_.target = view(target);
    head_.version = version;
  }
  void on_field_impl(beast::http::field, Text name, Text value, Error&) override {
    fields_.push_back({view(name), view(value)});
  }
  void on_response_impl(int, Text, int, Error&) override {}
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(Text, Error&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, Text, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text, Error&) override { return 0; }
  void on_finish_impl(Error&) override {}

  RequestHead& head_;
  std::vector<HeaderField>& fields_;
};

/// Describes a parse error for the sender.
std::string_view words_for(const beast::error_code& error) {
  if (error == beast::http::error::bad_method) return "Malformed method";
  if (error == beast::http::error::bad_target) return "Malformed request target";
  if (error == beast::http::error::bad_version) return "HTTP version must be 1.0 or 1.1";
  if (error == beast::http::error::bad_field) return "Malformed header name";
  if (error == beast::http::error::bad_value) return "Malformed header value";
  if (error == beast::http::error::bad_content_length) return "Malformed Content-Length";
  if (error == beast::http::error::multiple_content_length) return "Contradicting Content-Length";
  if (error == beast::http::error::bad_transfer_encoding) return "Malformed Transfer-Encoding";
  return "Malformed request";
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// RFC 7230 section 5.4, RFC 3986 section 3.2: what a host with a port is made of. Which of it
/// makes sense is not validated: nothing is selected by it.
bool is_host(std::string_view text) {
  return is_ascii(text) && text.find_first_of(" \t\"<>\\^`{|}/?#@,") == std::string_view::npos;
}

/// Whether `text` is one number: Beast accepts a list of equal ones too.
bool is_number(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Validates what Beast does not check in the fields that delimit and address a request. Returns
/// the reason to refuse it; empty when valid.
std::string_view validate_fields(const RequestHead& head) {
  int hosts = 0;
  int lengths = 0;
  int encodings = 0;
  for (const HeaderField& field : head.fields) {
    if (equal_ignoring_case(field.name, "Host")) {
      if (++hosts > 1) return "Repeated Host";
      if (!is_host(field.value)) return "Malformed Host";
    } else if (equal_ignoring_case(field.name, "Content-Length")) {
      ++lengths;
      if (!is_number(field.value)) return "Malformed Content-Length";
    } else if (equal_ignoring_case(field.name, "Transfer-Encoding")) {
      if (++encodings > 1) return "Repeated Transfer-Encoding";
      if (!equal_ignoring_case(field.value, "chunked")) {
        return "Transfer-Encoding must be chunked";
      }
    }
  }
  if (hosts == 0 && head.version >= 11) return "Missing Host";
  // RFC 7230 section 3.3.3: contradicting body lengths are an attempt at request smuggling.
  if (encodings > 0 && lengths > 0) return "Both Content-Length and Transfer-Encoding";
  if (encodings > 0 && head.version < 11) return "Transfer-Encoding in HTTP/1.0";
  return {};
}

/// The size of "scheme://" at the front of `target`; 0 when it has none of these schemes.
std::size_t scheme_size(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://", "ws://", "wss://"}) {
    if (equal_ignoring_case(target.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

}  // namespace

RequestParser::Outcome RequestParser::feed(std::span<std::uint8_t>& input) {
  if (outcome_ != Outcome::need_more) return outcome_;
  const std::string_view all(reinterpret_cast<const char*>(input.data()), input.size());
  std::string_view rest = all;
  const HeadScanner::Result result = scanner_.scan(rest);
  const std::string_view scanned = all.substr(0, all.size() - rest.size());
  input = input.subspan(scanned.size());

  switch (result) {
    case HeadScanner::Result::bad_character:
      return refuse(400, "Control character in the request");
    case HeadScanner::Result::folded_line:
      return refuse(400, "Folded header line");
    case HeadScanner::Result::too_long:
      return refuse(431, "Request header too long");
    case HeadScanner::Result::too_many_fields:
      return refuse(431, "Too many header fields");
    case HeadScanner::Result::need_more:
      gathered_ += scanned;
      return Outcome::need_more;
    case HeadScanner::Result::complete:
      break;
  }
  if (gathered_.empty()) return finish(scanned);
  gathered_ += scanned;
  return finish(gathered_);
}

RequestParser::Outcome RequestParser::finish(std::string_view text) {
  text_ = text;
  // RFC 7230 section 3.5: one empty line before the request is ignored.
  if (text.starts_with("\r\n")) text.remove_prefix(2);
  fields_.reserve(scanner_.fields());
  Collector collector(head_, fields_);
  beast::error_code error;
  collector.put({text.data(), text.size()}, error);
  if (error) return refuse(400, words_for(error));
  head_.fields = fields_;
  if (const std::string_view fault = validate_fields(head_); !fault.empty())
    return refuse(400, fault);
  if (!validate_target()) return refuse(400, "Malformed request target");
  return outcome_ = Outcome::complete;
}

/// RFC 7230 section 5.3: the four forms of a target. An absolute one is reduced to its path.
bool RequestParser::validate_target() {
  const std::string_view target = head_.target;
  // RFC 3986 section 2: a URI is ASCII; RFC 7230 section 5.1: a fragment is never sent.
  if (!is_ascii(target) || target.find('#') != std::string_view::npos) return false;
  if (target.starts_with('/')) return true;
  if (target == "*") return head_.method == "OPTIONS";
  if (head_.method == "CONNECT") return is_host(target);

  const std::size_t authority = scheme_size(target);
  if (authority == 0) return false;
  const std::size_t path = std::min(target.find_first_of("/?", authority), target.size());
  if (path == authority) return false;
  if (!is_host(target.substr(authority, path - authority))) return false;
  if (target.substr(path).starts_with('/')) {
    head_.target = target.substr(path);
    return true;
  }
  target_ += '/';
  target_ += target.substr(path);
  head_.target = target_;
  return true;
}

RequestParser::Outcome RequestParser::refuse(int status, std::string_view reason) {
  head_ = {};
  gathered_ = {};
  status_ = status;
  reason_ = reason;
  return outcome_ = Outcome::refused;
}

}  // namespace wscast::http
