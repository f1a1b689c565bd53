#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wscast::program {

/// A member of the JSON object that a call takes as its body. The reader of bodies and the
/// description of the API come from it.
struct BodyField {
  enum class Type : std::uint8_t {
    text,
    texts,    ///< A list of texts.
    number,   ///< A whole number, 0 or more.
    any,      ///< Any JSON, kept as it is.
    objects,  ///< A list of objects, each kept as it is.
  };

  std::string_view name;
  Type type = Type::text;
  std::string_view help;
};

/// What a body says. Views and spans are valid while the Body is.
class Body {
 public:
  /// What to do with members that no field is for.
  enum class Unknown : std::uint8_t { refuse, skip };

  /// Reads `json` by `fields`. Returns what is wrong, one sentence, for what is no JSON object, has
  /// other members, or members of other types.
  static std::variant<Body, std::string> read(std::string_view json,
                                              std::span<const BodyField> fields,
                                              Unknown unknown = Unknown::refuse);

  bool has(std::string_view name) const { return find(name) != nullptr; }

  /// Empty when it is missing.
  std::string_view text(std::string_view name) const;

  const std::vector<std::string>& texts(std::string_view name) const;
  std::optional<std::uint64_t> number(std::string_view name) const;

  /// JSON text; empty when it is missing.
  std::string_view raw(std::string_view name) const;
  const std::vector<std::string>& objects(std::string_view name) const { return texts(name); }

 private:
  using Value = std::variant<std::string, std::vector<std::string>, std::uint64_t>;

  struct Member {
    std::string_view name;  ///< Of the field.
    Value value;
  };

  const Value* find(std::string_view name) const;

  std::vector<Member> members_;
};

}  // namespace wscast::program
