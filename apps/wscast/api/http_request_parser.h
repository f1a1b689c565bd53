#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

namespace wscast::program {

/// What is used of a request. The memory of its texts is kept for the next one.
struct HttpRequestTexts {
  std::string method{};
  std::string target{};
  // Fields, as sent; empty: there is none. The first counts.
  std::string host{};
  std::string origin{};
  std::string authorization{};
  std::string expect{};
  std::string body{};

  /// Makes all empty, and frees large ones.
  void clear();
};

/// Beast's parser of a request, without its containers of fields. Parses the head until eager() is
/// set, then the body.
class HttpRequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  /// `texts` are empty, and must outlive this.
  explicit HttpRequestParser(HttpRequestTexts& texts) : texts_(texts) {}

 private:
  using Text = boost::beast::string_view;
  using Error = boost::beast::error_code;
  using Field = boost::beast::http::field;

  void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version,
                       Error& error) override;
  void on_field_impl(Field name, Text name_text, Text value, Error& error) override;
  void on_header_impl(Error& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error& error) override;
  std::size_t on_body_impl(Text piece, Error& error) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, Error& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t left, Text piece, Error& error) override;
  void on_response_impl(int code, Text reason, int version, Error& error) override;
  void on_finish_impl(Error& error) override;

  HttpRequestTexts& texts_;
  bool head_done_ = false;  ///< Fields that come now are trailers: nothing is read of them.
};

}  // namespace wscast::program
