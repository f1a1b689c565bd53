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
        return "the server is not running";
      case Errc::invalid_endpoint:
        return "not an address to listen on";
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
