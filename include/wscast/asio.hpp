#pragma once

// Opt-in: needs Boost.Asio. Everything here is in this header; the library itself shows no Asio.

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "wscast/owned_request.h"
#include "wscast/reply.h"

namespace wscast {

/// A hook that is a coroutine: see asio_hook().
template <class Executor, class Function>
class AsioHook {
 public:
  AsioHook(Executor executor, Function function)
      : executor_(std::move(executor)),
        function_(std::make_shared<Function>(std::move(function))) {}

  template <class Request, class Answer>
  requires std::is_invocable_v<Function&, const Request&>
  void operator()(const Request& request, Reply<Answer> reply) const {
    boost::asio::co_spawn(executor_, run(function_, OwnedRequest<Request>(request), std::move(reply)),
                          boost::asio::detached);  // run() lets nothing out.
  }

 private:
  template <class Request, class Answer>
  static boost::asio::awaitable<void> run(std::shared_ptr<Function> function, OwnedRequest<Request> request,
                                          Reply<Answer> reply) {
    try {
      if constexpr (std::is_void_v<Answer>) {
        co_await (*function)(*request);
        reply();
      } else {
        Answer answer = co_await (*function)(*request);
        reply(std::move(answer));
      }
    } catch (const std::exception& error) {
      reply.fail(error.what());
    } catch (...) {
      reply.fail("not a std::exception");
    }
  }

  Executor executor_;
  std::shared_ptr<Function> function_;
};

/// Makes a hook of a coroutine: `function` takes a request, as the hook does, and returns
/// `boost::asio::awaitable<Answer>`. It runs on `executor`, which is the application's and must run
/// as long as the server; the request lives until the coroutine ends, its `socket` is null. What it
/// throws counts as the hook throwing. A lambda must capture nothing that dies before the server:
/// g++ 12 also miscompiles lambdas and aggregates made inside a `co_await` expression, so give
/// those names first.
template <class Executor, class Function>
AsioHook<Executor, Function> asio_hook(Executor executor, Function function) {
  return AsioHook<Executor, Function>(std::move(executor), std::move(function));
}

}  // namespace wscast
