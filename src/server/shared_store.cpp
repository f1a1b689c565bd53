#include "server/shared_store.h"

#include <chrono>
#include <string>
#include <utility>

#include "wscast/error.h"

#include "protocol/utf8.h"

namespace wscast::server {
namespace {

constexpr std::size_t kMaxKeyBytes = 1'024;
constexpr std::chrono::hours kMaxTtl{24};

bool is_valid(const Store& call) {
  return call.on_result && !call.key.empty() && call.key.size() <= kMaxKeyBytes &&
         protocol::is_utf8(call.key) && call.ttl.count() > 0 && call.ttl <= kMaxTtl;
}

}  // namespace

std::error_code SharedStore::store(const Store& call) {
  if (!is_valid(call)) return Errc::invalid_text;
  if (!running_) return Errc::stopped;
  if (call.value.size() > backplane_.max_publish_bytes()) return Errc::message_too_big;
  if (open_.fetch_add(1) >= kMaxOpen) {
    open_.fetch_sub(1);
    return Errc::overloaded;
  }
  auto report = [this, on_result = call.on_result](const StoreResult& result) {
    open_.fetch_sub(1);
    runner_.guard(HookName::on_result, [&] { on_result(result); });
  };
  try {
    executor_.post([this, report = std::move(report),
                    request = StoreRequest{.key = std::string(call.key),
                                           .value = std::string(call.value),
                                           .ttl = call.ttl,
                                           .replace = call.replace}]() mutable {
      backplane_.store(std::move(request), std::move(report));
    });
  } catch (...) {  // It does not run.
    open_.fetch_sub(1);
    throw;
  }
  return {};
}

}  // namespace wscast::server
