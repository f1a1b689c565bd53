#include "http_client/jitter.h"

#include <random>

namespace wscast::program {

std::function<double()> random_jitter() {
  return [random = std::minstd_rand(std::random_device()())]() mutable {
    return std::uniform_real_distribution<>(0, 1)(random);
  };
}

}  // namespace wscast::program
