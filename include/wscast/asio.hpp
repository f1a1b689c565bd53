#pragma once

// Opt-in: needs Boost.Asio. Header-only: no other public header includes Asio.

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

/// A hook that runs a coroutine: see asio_hook().
template <class Executor, class Function>
class AsioHook {
 public:
  AsioHook(Executor executor, Function function)
      : executor_(std::move(executor)),
        function_(std::make_shared<Function>(std::move(function))) {}

  template <class Request, class Response>
  requires std::is_invocable_v<Function&, const Request&>
  void operator()(const Request& request, Reply<Response> reply) const {
    boost::asio::co_spawn(executor_,
                          run(function_, OwnedRequest<Request>(request), std::move(reply)),
                          boost::asio::detached);  // run() throws nothing.
  }

 private:
  template <class Request, class Response>
  static boost::asio::awaitable<void> run(std::shared_ptr<Function> function,
                                          OwnedRequest<Request> request, Reply<Response> reply) {
    try {
      if constexpr (std::is_void_v<Response>) {
        co_await (*function)(*request);
        reply();
      } else {
        Response response = co_await (*function)(*request);
        reply(std::move(response));
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
/// `boost::asio::awaitable<Response>`. It runs on `executor`, which belongs to the application and
/// must run as long as the server. The request is valid until the coroutine ends; its `socket` is
/// null. An exception counts as the hook throwing. What `function` captures must outlive the
/// server. g++ 12 miscompiles lambdas and aggregates made inside a `co_await` expression: give them
/// names first.
template <class Executor, class Function>
AsioHook<Executor, Function> asio_hook(Executor executor, Function function) {
  return AsioHook<Executor, Function>(std::move(executor), std::move(function));
}

}  // namespace wscast
