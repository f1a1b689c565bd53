#include "config/near_miss.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace wscast::program {
namespace {

/// Letters to insert, delete, replace or swap with the next until one word is the other.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::vector<std::size_t>> table(from.size() + 1,
                                              std::vector<std::size_t>(to.size() + 1));
  std::iota(table[0].begin(), table[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    table[i][0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t other = from[i - 1] == to[j - 1] ? 0 : 1;
      table[i][j] =
          std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + other});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
    }
  }
  return table[from.size()][to.size()];
}

}  // namespace

std::optional<std::string> near_miss(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t longest = 100;  // No option is that long.
  if (word.size() > longest) return std::nullopt;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3);
  std::optional<std::string> nearest;
  for (const std::string& candidate : known) {
    const bool begins = word.size() > 3 && candidate.starts_with(word);
    const std::size_t longer = std::max(word.size(), candidate.size());
    const std::size_t letters = longer - std::min(word.size(), candidate.size());
    if (!begins && letters > least) continue;  // At least so many to insert or delete.
    const std::size_t away = begins ? 1 : distance(word, candidate);
    if (away > least || (nearest && away == least)) continue;
    least = away;
    nearest = candidate;
  }
  return nearest;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const auto nearest = near_miss(word, known);
  return nearest ? ", did you mean \"" + *nearest + "\"?" : "";
}

}  // namespace wscast::program
