#include "wscast/error.h"

#include <string>

namespace wscast {
namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "wscast"; }

  std::string message(int code) const override {
    switch (static_cast<Errc>(code)) {
      case Errc::invalid_json:
        return "not valid JSON";
      case Errc::overloaded:
        return "a shard's inbox is full";
      case Errc::stopped:
        return "not running, or stopped";
      case Errc::invalid_endpoint:
        return "not an address to listen on";
      case Errc::invalid_text:
        return "not valid UTF-8, too long, or a close code that may not be sent";
      case Errc::invalid_client:
        return "not a client id that this program made";
      case Errc::client_exists:
        return "a client with that id exists already";
      case Errc::unknown_client:
        return "no client with that id exists";
      case Errc::no_transformer:
        return "encryption needs an outbound transformer";
      case Errc::message_too_big:
        return "the message is longer than the broker allows";
      case Errc::queue_full:
        return "too many messages wait to be sent";
      case Errc::broker_down:
        return "no connection to Redis";
      case Errc::broker_silent:
        return "no reply from Redis: the message may have been sent or not";
      case Errc::broker_refused:
        return "Redis refused the message";
      case Errc::refused:
        return "the server refused it";
      case Errc::lost:
        return "the connection ended before the reply: it may have been handled or not";
      case Errc::disconnected:
        return "the connection ended, or could not be made";
      case Errc::not_authenticated:
        return "the server rejects the token";
      case Errc::reported:
        return "the server reports an error";
    }
    return "unknown error";
  }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

std::error_code make_error_code(Errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

}  // namespace wscast
