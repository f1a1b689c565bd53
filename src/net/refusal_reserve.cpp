#include "net/refusal_reserve.h"

namespace wscast::net {
namespace {

constexpr std::size_t kMaxRefusals = 32;

}  // namespace

class RefusalReserve::RefusalAdmission final : public Admission {
 public:
  explicit RefusalAdmission(std::atomic<std::size_t>& count) : count_(count) {}
  ~RefusalAdmission() override { count_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t>& count_;
};

std::unique_ptr<Admission> RefusalReserve::admit() {
  if (count_.fetch_add(1, std::memory_order_relaxed) < kMaxRefusals) {
    return std::make_unique<RefusalAdmission>(count_);
  }
  count_.fetch_sub(1, std::memory_order_relaxed);
  return nullptr;
}

}  // namespace wscast::net
