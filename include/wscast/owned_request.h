#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wscast/json.h"

namespace wscast {

/// A copy of a hook's request that owns what its views refer to, for hooks that respond later
/// through a Reply. Its `socket`, if it has one, is null. May be moved, and used on any thread; the
/// views stay valid when it is moved.
template <class Request>
class OwnedRequest {
 public:
  explicit OwnedRequest(const Request& request)
      : request_(request), texts_(std::make_unique<Texts>()) {
    request_.for_each_view([this](auto& view) { this->keep(view); });
    if constexpr (requires { request_.socket; }) request_.socket = nullptr;
  }

  const Request& operator*() const noexcept { return request_; }
  const Request* operator->() const noexcept { return &request_; }

 private:
  struct Texts {
    std::deque<std::string> single;
    std::vector<std::string> rooms;
  };

  void keep(std::string_view& view) { view = texts_->single.emplace_back(view); }
  void keep(Json& json) {
    if (json.present()) json = json.kept_in(texts_->single.emplace_back(json.view()));
  }
  void keep(std::span<const std::string>& rooms) {
    texts_->rooms.assign(rooms.begin(), rooms.end());
    rooms = texts_->rooms;
  }

  Request request_;
  std::unique_ptr<Texts> texts_;
};

}  // namespace wscast
