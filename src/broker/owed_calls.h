#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace wscast {

/// Callbacks that a broker owes: each runs from the loop, in order, or inside run_all() when the
/// loop has ended. The destructor drops what is left. Loop thread only.
class OwedCalls {
 public:
  /// Throws std::bad_alloc: nothing is owed.
  void add(boost::asio::io_context& loop, std::function<void()> call) {
    calls_->push_back(std::move(call));
    try {
      boost::asio::post(loop, [weak = std::weak_ptr(calls_)] {
        if (const auto calls = weak.lock()) run_next(*calls);
      });
    } catch (...) {
      calls_->pop_back();
      throw;
    }
  }

  /// Runs all, also what the calls add.
  void run_all() {
    const auto calls = calls_;
    while (!calls->empty()) run_next(*calls);
  }

 private:
  using Calls = std::deque<std::function<void()>>;

  static void run_next(Calls& calls) {
    if (calls.empty()) return;
    const auto call = std::move(calls.front());
    calls.pop_front();
    call();
  }

  std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
};

}  // namespace wscast
