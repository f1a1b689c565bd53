#include "api/api_key.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace wscast::program {
namespace {

/// Shorter keys can be guessed.
constexpr std::size_t kLeastKeyBytes = 16;

constexpr std::array kScopes = {Scope::publish, Scope::read, Scope::admin};

std::optional<Scope> scope_of(std::string_view text) {
  const auto found = std::ranges::find(kScopes, text, [](Scope scope) { return to_string(scope); });
  return found == kScopes.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

std::string_view to_string(Scope scope) {
  switch (scope) {
    case Scope::publish:
      return "publish";
    case Scope::read:
      return "read";
    case Scope::admin:
      break;
  }
  return "admin";
}

std::string ApiKey::set(std::string_view field, const std::vector<std::string>& texts) {
  if (field == "scopes") {
    scopes.clear();
    for (const auto& text : texts) {
      const auto scope = scope_of(text);
      if (!scope) return "\"" + text + "\" is not one of publish,read,admin";
      scopes.push_back(*scope);
    }
    return {};
  }
  if (field != "name" && field != "key") return "is no option of a key: name, key or scopes";
  if (texts.size() != 1) return "takes one value, not a list";
  (field == "name" ? name : key) = texts.front();
  return {};
}

std::string ApiKey::fault() const {
  if (name.empty()) return "a key needs a name, for the log";
  if (key.size() < kLeastKeyBytes) {
    return "the key of \"" + name + "\" needs at least " + std::to_string(kLeastKeyBytes) +
           " characters";
  }
  if (scopes.empty()) return "the key of \"" + name + "\" needs scopes: publish, read or admin";
  return {};
}

bool ApiKey::has(Scope scope) const {
  return std::ranges::find(scopes, scope) != scopes.end();
}

ApiKeys::ApiKeys(const std::vector<ApiKey>& keys) {
  for (const ApiKey& key : keys) {
    entries_.push_back({hash_of(key.key), key});
    OPENSSL_cleanse(entries_.back().key.key.data(), entries_.back().key.key.size());
    entries_.back().key.key.clear();
  }
}

const ApiKey* ApiKeys::find(std::string_view text) const {
  const Hash hash = hash_of(text);
  const ApiKey* found = nullptr;
  for (const Entry& entry : entries_) {
    if (CRYPTO_memcmp(hash.data(), entry.hash.data(), hash.size()) == 0) found = &entry.key;
  }
  return found;
}

/// SHA256() looks the algorithm up by its name each time, which takes longer than the hash.
ApiKeys::Hash ApiKeys::hash_of(std::string_view text) {
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> sha256(
      EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free);
  Hash hash;
  if (EVP_Digest(text.data(), text.size(), hash.data(), nullptr, sha256.get(), nullptr) != 1) {
    throw std::runtime_error("a key cannot be hashed");
  }
  return hash;
}

}  // namespace wscast::program
