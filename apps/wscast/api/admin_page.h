#pragma once

#include <optional>

#include "api/http_exchange.h"

namespace wscast::program {

/// Serves the admin page, whose files are part of the program, at `/admin` and below, without a
/// key; passes all else on. The page shows nothing but what calls of the API return, for which it
/// asks for a key. Its content security policy restricts it to the server that it came from.
class AdminPage final : public RequestHandler {
 public:
  /// `next` must outlive this. Unless `served`, all is passed on.
  AdminPage(RequestHandler& next, bool served) : next_(next), served_(served) {}

  std::optional<ApiResponse> refuse(ApiRequest& head) override;
  void handle(const ApiRequest& request, Respond respond) override;
  void take_turn(const std::function<void()>& turn) override { next_.take_turn(turn); }
  void on_connection_refused() override { next_.on_connection_refused(); }

 private:
  RequestHandler& next_;
  const bool served_;
};

}  // namespace wscast::program
