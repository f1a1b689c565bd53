#include "http_client/circuit_breaker.h"

#include <utility>

namespace wscast::program {

std::vector<std::string> CircuitBreakerOptions::validate() const {
  std::vector<std::string> faults;
  if (failures < 1) faults.emplace_back("failures: must be at least 1.");
  if (open_for <= std::chrono::milliseconds(0) || open_for > std::chrono::hours(1)) {
    faults.emplace_back("open_for: must be over 0 and at most 1h.");
  }
  return faults;
}

bool CircuitBreaker::allow(Time now) {
  if (state_ == State::closed) return true;
  if (state_ == State::trying || now - opened_at_ < options_.open_for) return false;
  state_ = State::trying;
  return true;
}

CircuitBreaker::Change CircuitBreaker::succeeded() {
  failures_ = 0;
  return std::exchange(state_, State::closed) == State::closed ? Change::none : Change::closed;
}

CircuitBreaker::Change CircuitBreaker::failed(Time now) {
  ++failures_;
  if (state_ == State::open) return Change::none;
  if (state_ == State::closed && failures_ < options_.failures) return Change::none;
  opened_at_ = now;
  return std::exchange(state_, State::open) == State::closed ? Change::opened : Change::none;
}

void CircuitBreaker::abandoned() {
  if (state_ == State::trying) state_ = State::open;
}

}  // namespace wscast::program
