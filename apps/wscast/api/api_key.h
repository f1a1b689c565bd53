#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::program {

/// What the owner of a key may do.
enum class Scope : std::uint8_t {
  publish,  ///< Send messages.
  read,     ///< Read what is connected, and metrics.
  admin,    ///< Change memberships, and disconnect.
};

/// A key of the HTTP API: one `[[api.keys]]` of the configuration.
struct ApiKey {
  std::string name{};  ///< For the log.
  std::string key{};   ///< Secret.
  std::vector<Scope> scopes{};
  std::string place{};  ///< Where it was written, such as `wscast.toml:12`.

  /// Sets a field from the texts of the file. Returns what is wrong, or an empty text.
  std::string set(std::string_view field, const std::vector<std::string>& texts);

  /// What is wrong with all fields together, or an empty text.
  std::string fault() const;

  bool has(Scope scope) const;
};

/// The name of a scope in the configuration.
std::string_view to_string(Scope scope);

/// The keys that are accepted. Immutable; any thread.
class ApiKeys {
 public:
  ApiKeys() = default;
  explicit ApiKeys(const std::vector<ApiKey>& keys);

  /// The key of that text; null if there is none. Takes the same time whatever the text has in
  /// common with keys.
  const ApiKey* find(std::string_view text) const;

  bool empty() const { return entries_.empty(); }

 private:
  using Hash = std::array<std::uint8_t, 32>;

  struct Entry {
    Hash hash;  ///< SHA-256 of the key.
    ApiKey key;
  };

  static Hash hash_of(std::string_view text);

  std::vector<Entry> entries_;
};

}  // namespace wscast::program
