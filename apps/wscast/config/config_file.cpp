#include "config/config_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include <toml++/toml.h>

#include "config/near_miss.h"

namespace wscast::program {
namespace {

constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;
constexpr const char* kRooms = "rooms";
constexpr const char* kApiKeys = "api.keys";

/// The text of a value, as a flag would have it; std::nullopt for dates, fractions and tables.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  return std::nullopt;
}

std::optional<std::vector<std::string>> texts_of(const toml::node& node) {
  if (const auto text = text_of(node)) return std::vector<std::string>{*text};
  const auto* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  for (const toml::node& element : *array) {
    const auto text = text_of(element);
    if (!text) return std::nullopt;
    texts.push_back(*text);
  }
  return texts;
}

/// What the library says of an error, without the number that it quotes: it may be a secret that
/// lacks its own quotes.
std::string without_number(std::string_view description) {
  const std::size_t begin = std::min(description.find('\''), description.size());
  const std::string_view quoted = description.substr(begin);
  const std::size_t end = quoted.find('\'', 1);
  const bool is_number = quoted.find_first_of("+-.0123456789") == 1 && end > 2;
  if (!is_number || end == std::string_view::npos) return std::string(description);
  return std::string(description.substr(0, begin)) + "a number" +
         std::string(quoted.substr(end + 1));
}

/// Walks over a parsed file.
class Reader {
 public:
  Reader(const std::string& file, const OptionTable& table) : file_(file), table_(table) {}

  ConfigFile read(const toml::table& root) {
    read_table(root, "");
    return std::move(out_);
  }

 private:
  static std::size_t line_of(const toml::node& node) { return node.source().begin.line; }

  std::string place(const toml::node& node) const {
    return file_ + ":" + std::to_string(line_of(node));
  }

  void fault(const toml::node& node, const std::string& path, std::string what) {
    out_.faults.push_back(
        {.where = place(node) + ": " + path, .what = std::move(what), .line = line_of(node)});
  }

  void read_table(const toml::table& table, const std::string& section) {
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      const std::string path = section.empty() ? name : section + "." + name;
      if (path == kRooms) {
        read_entries(node, path, out_.rooms);
      } else if (path == kApiKeys) {
        read_entries(node, path, out_.api_keys);
      } else if (const auto* inner = node.as_table()) {
        read_section(*inner, path);
      } else {
        read_option(node, path);
      }
    }
  }

  void read_section(const toml::table& table, const std::string& path) {
    const auto begins = [&path](const OptionSection& section) {
      return section.name == path || section.name.starts_with(path + ".");
    };
    if (std::ranges::any_of(table_.sections(), begins)) return read_table(table, path);
    std::vector<std::string> known{kRooms, kApiKeys};
    for (const auto& section : table_.sections()) known.push_back(section.name);
    fault(table, path, "is no section" + did_you_mean(path, known));
  }

  void read_option(const toml::node& node, const std::string& path) {
    if (table_.find(path) == nullptr) return fault(node, path, why_unknown(path));
    auto texts = texts_of(node);
    if (!texts)
      return fault(node, path, "is neither a text, a number, true, false nor a list of these");
    out_.values[path] = {.texts = std::move(*texts), .origin = place(node), .line = line_of(node)};
  }

  /// An option may also stand in the wrong section.
  std::string why_unknown(const std::string& path) const {
    std::vector<std::string> known;
    const std::string name = path.substr(path.rfind('.') + 1);
    for (const Option& option : table_.options()) {
      if (option.name == name) return "is no option, did you mean \"" + option.path() + "\"?";
      known.push_back(option.path());
    }
    return "is no option" + did_you_mean(path, known);
  }

  /// Reads `[[path]]`, a list of tables whose fields Entry::set() takes.
  template <class Entry>
  void read_entries(const toml::node& node, const std::string& path, std::vector<Entry>& into) {
    const auto* array = node.as_array();
    if (array == nullptr) return fault(node, path, "is a list: write [[" + path + "]]");
    for (const toml::node& element : *array) {
      const auto* table = element.as_table();
      if (table == nullptr) {
        fault(element, path, "is a list: write [[" + path + "]]");
      } else {
        read_entry(*table, path, into);
      }
    }
  }

  template <class Entry>
  void read_entry(const toml::table& table, const std::string& path, std::vector<Entry>& into) {
    Entry entry{.place = place(table)};
    bool valid = true;
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      const auto* inner = node.as_table();
      if (inner == nullptr) {
        valid = set_field(node, path, name, entry) && valid;
        continue;
      }
      for (const auto& [inner_key, inner_node] : *inner) {
        valid =
            set_field(inner_node, path, name + "." + std::string(inner_key.str()), entry) && valid;
      }
    }
    if (!valid) return;
    if (const std::string why = entry.fault(); !why.empty()) return fault(table, path, why);
    into.push_back(std::move(entry));
  }

  template <class Entry>
  bool set_field(const toml::node& node, const std::string& path, const std::string& name,
                 Entry& entry) {
    const auto texts = texts_of(node);
    const std::string why =
        texts ? entry.set(name, *texts) : "is neither a text nor a list of texts";
    if (!why.empty()) fault(node, path + "." + name, why);
    return why.empty();
  }

  const std::string& file_;
  const OptionTable& table_;
  ConfigFile out_;
};

ConfigFile unreadable(const std::string& file, std::string why) {
  ConfigFile out;
  out.faults.push_back({.where = file, .what = std::move(why)});
  return out;
}

}  // namespace

ConfigFile parse_config(const std::string& file, std::string_view content,
                        const OptionTable& table) {
  try {
    return Reader(file, table).read(toml::parse(content, file));
  } catch (const toml::parse_error& error) {
    return unreadable(file + ":" + std::to_string(error.source().begin.line),
                      "not TOML: " + without_number(error.description()));
  }
}

ConfigFile read_config_file(const std::string& file, const OptionTable& table) {
  std::ifstream stream(file, std::ios::binary);
  // A directory can be opened, but not read.
  if (!stream || std::filesystem::is_directory(file)) return unreadable(file, "cannot be read");
  std::string content(kMaxFileBytes + 1, '\0');
  stream.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(stream.gcount()));
  if (content.size() > kMaxFileBytes) return unreadable(file, "is longer than 4 MiB");
  return parse_config(file, content, table);
}

}  // namespace wscast::program
