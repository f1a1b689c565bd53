#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "wscast/asio.hpp"
#include "wscast/hooks.h"
#include "wscast/typed_hooks.h"

#include "outcomes.h"
#include "silent_socket.h"

namespace wscast {
namespace {

struct Token {
  std::string text;
};

}  // namespace

template <>
struct codec<Token> {
  static std::optional<Token> decode(Json json) { return Token{std::string(json.view())}; }
};

namespace {

namespace asio = boost::asio;

using Answer = std::optional<Identity>;

/// Goes through the executor once, so that the hook's caller has long returned.
asio::awaitable<void> pause() {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(1));
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<Answer> greet(const AuthenticateRequest& request) {
  co_await pause();
  if (request.socket != nullptr) co_return std::nullopt;
  Identity identity;
  identity.user_id = std::string(request.client_id) + std::string(request.data.view());
  co_return identity;
}

using TypedAnswer = std::optional<TypedIdentity<int>>;

asio::awaitable<TypedAnswer> greet_typed(const TypedAuthenticateRequest<Token>& request) {
  co_await pause();
  co_return TypedIdentity<int>{.user_id = request.data.text, .metadata = 3};
}

asio::awaitable<Answer> fail(const AuthenticateRequest&) {
  co_await pause();
  throw std::runtime_error("no database");
}

asio::awaitable<Answer> fail_oddly(const AuthenticateRequest&) {
  co_await pause();
  throw 7;  // NOLINT: what is no std::exception.
}

Outcomes<Answer> ask_with_passing_request(const AuthenticateHook& hook) {
  SilentSocket socket;
  auto texts = std::make_unique<std::string>("client");
  const AuthenticateRequest request{
      .client_id = *texts, .data = Json::text(*texts), .socket = &socket};
  return ask(hook, request);
}

TEST(AsioHook, AnswersWhatTheCoroutineReturns) {
  asio::io_context io;
  const AuthenticateHook hook = asio_hook(io.get_executor(), greet);
  EXPECT_TRUE(hook.replying());
  const auto outcomes = ask_with_passing_request(hook);
  EXPECT_EQ(outcomes.count(), 0u);
  io.run();
  ASSERT_TRUE(outcomes.answer() && *outcomes.answer());
  EXPECT_EQ((*outcomes.answer())->user_id, "clientclient");
}

TEST(AsioHook, MayBeATypedHook) {
  asio::io_context io;
  TypedHooks<Token, int> typed;
  typed.authenticate = asio_hook(io.get_executor(), greet_typed);
  const auto outcomes = ask_with_passing_request(typed.untyped().authenticate);
  EXPECT_EQ(outcomes.count(), 0u);
  io.run();
  ASSERT_TRUE(outcomes.answer() && *outcomes.answer());
  EXPECT_EQ((*outcomes.answer())->user_id, "client");
  EXPECT_EQ(*(*outcomes.answer())->metadata.get<int>(), 3);
}

TEST(AsioHook, FailsInTheWordsOfWhatIsThrown) {
  asio::io_context io;
  const auto outcomes = ask_with_passing_request(asio_hook(io.get_executor(), fail));
  const auto odd = ask_with_passing_request(asio_hook(io.get_executor(), fail_oddly));
  io.run();
  ASSERT_TRUE(outcomes.failed());
  EXPECT_EQ(outcomes.failed()->what, "no database");
  ASSERT_TRUE(odd.failed());
  EXPECT_EQ(odd.failed()->what, "not a std::exception");
}

TEST(AsioHook, OneThatAnswersNothingSaysWhenItIsDone) {
  asio::io_context io;
  std::string heard;
  const auto listen = [&heard](const ClientEvent& event) -> asio::awaitable<void> {
    co_await pause();
    heard = event.client_id;
  };
  const ConnectedHook hook = asio_hook(io.get_executor(), listen);
  const auto outcomes = ask(hook, {.client_id = "c"});
  io.run();
  EXPECT_TRUE(outcomes.answer());
  EXPECT_EQ(heard, "c");
}

TEST(AsioHook, RunsOnTheExecutorsThreadAlone) {
  asio::io_context io;
  std::thread::id ran;
  const auto listen = [&ran](const ClientEvent&) -> asio::awaitable<void> {
    ran = std::this_thread::get_id();
    co_return;
  };
  const ConnectedHook hook = asio_hook(io.get_executor(), listen);
  const auto outcomes = ask(hook, {});
  std::thread thread([&io] { io.run(); });
  const auto expected = thread.get_id();
  thread.join();
  EXPECT_EQ(ran, expected);
  EXPECT_TRUE(outcomes.answer());
}

TEST(AsioHook, IsDroppedWithAnExecutorThatNeverRuns) {
  auto io = std::make_unique<asio::io_context>();
  const AuthenticateHook hook = asio_hook(io->get_executor(), greet);
  const auto outcomes = ask_with_passing_request(hook);
  EXPECT_EQ(outcomes.count(), 0u);
  io.reset();
  ASSERT_TRUE(outcomes.failed());
  EXPECT_TRUE(outcomes.failed()->dropped);
}

TEST(AsioHook, SeveralRunAtOnce) {
  asio::io_context io;
  const AuthenticateHook hook = asio_hook(io.get_executor(), greet);
  const auto first = ask(hook, {.client_id = "a"});
  const auto second = ask(hook, {.client_id = "b"});
  io.run();
  EXPECT_EQ(first.answer()->value().user_id, "a");
  EXPECT_EQ(second.answer()->value().user_id, "b");
}

TEST(AsioHook, LivesAsLongAsWhatItRuns) {
  asio::io_context io;
  Outcomes<Answer> outcomes;
  {
    const std::string greeting = "hello ";
    const auto coroutine =
        [greeting](const AuthenticateRequest& request) -> asio::awaitable<Answer> {
      co_await pause();
      Identity identity;
      identity.user_id = greeting + std::string(request.client_id);
      co_return identity;
    };
    const AuthenticateHook hook = asio_hook(io.get_executor(), coroutine);
    outcomes = ask(hook, {.client_id = "c"});
  }
  io.run();
  ASSERT_TRUE(outcomes.answer() && *outcomes.answer());
  EXPECT_EQ((*outcomes.answer())->user_id, "hello c");
}

}  // namespace
}  // namespace wscast
