#include "auth/jwt/jwt_algorithm.h"

#include <array>

namespace wscast::program {
namespace {

/// In the order of JwtAlgorithm.
constexpr std::array<std::string_view, 9> kNames = {"HS256", "HS384", "HS512", "RS256", "RS384",
                                                    "RS512", "PS256", "ES256", "ES384"};

}  // namespace

std::string_view name_of(JwtAlgorithm algorithm) {
  return kNames[static_cast<std::size_t>(algorithm)];
}

std::optional<JwtAlgorithm> jwt_algorithm_named(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<JwtAlgorithm>(i);
  }
  return std::nullopt;
}

std::string_view jwt_algorithm_names() {
  return "HS256, HS384, HS512, RS256, RS384, RS512, PS256, ES256, ES384";
}

std::vector<JwtAlgorithm> hmac_algorithms_for(std::size_t bytes) {
  std::vector<JwtAlgorithm> algorithms;
  if (bytes >= 32) algorithms.push_back(JwtAlgorithm::hs256);
  if (bytes >= 48) algorithms.push_back(JwtAlgorithm::hs384);
  if (bytes >= 64) algorithms.push_back(JwtAlgorithm::hs512);
  return algorithms;
}

}  // namespace wscast::program
