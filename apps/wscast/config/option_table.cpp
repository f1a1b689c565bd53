#include "config/option_table.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace wscast::program {
namespace {

constexpr std::size_t kMaxSecretBytes = 64 * 1024;

std::string flag_of(std::string name) {
  std::ranges::replace(name, '_', '-');
  return "--" + name;
}

std::string variable_of(const std::string& path) {
  std::string variable = "WSCAST_";
  for (const char c : path) {
    variable += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return variable;
}

}  // namespace

std::string secret_in(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  // A directory can be opened, but not read.
  if (!stream || std::filesystem::is_directory(file)) {
    throw std::invalid_argument("the file \"" + file + "\" cannot be read");
  }
  std::string content(kMaxSecretBytes + 1, '\0');
  stream.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(stream.gcount()));
  if (content.size() > kMaxSecretBytes) {
    throw std::invalid_argument("the file \"" + file + "\" is too long for a secret");
  }
  while (content.ends_with('\n') || content.ends_with('\r')) content.pop_back();
  if (content.empty()) throw std::invalid_argument("the file \"" + file + "\" is empty");
  return content;
}

void OptionTable::begin(std::string name, std::string title) {
  sections_.push_back({std::move(name), std::move(title)});
}

void OptionTable::add(Option option) {
  option.section = sections_.back().name;
  if (option.flag.empty()) option.flag = flag_of(option.name);
  if (option.flag == "-") option.flag.clear();
  if (option.variable.empty()) option.variable = variable_of(option.path());
  options_.push_back(std::move(option));
}

void OptionTable::add_secret(Option option, std::string& into) {
  if (option.flag.empty()) option.flag = "-";
  option.secret = true;
  const std::string name = option.name + "_file";
  const std::string help = "File with " + option.name + ", instead";
  const bool reloadable = option.reloadable;
  add(std::move(option));
  Secret& secret = secrets_.emplace_back(Secret{.path = options_.back().path(), .into = &into});
  std::string section = sections_.back().name;
  std::ranges::replace(section, '.', '_');
  add({.name = name,
       .value = text_value(secret.file, "FILE"),
       .help = help,
       .flag = flag_of(section + "_" + name),
       .reloadable = reloadable});
}

const Option* OptionTable::find(std::string_view path) const {
  const auto found = std::ranges::find_if(
      options_, [path](const Option& option) { return option.path() == path; });
  return found == options_.end() ? nullptr : &*found;
}

std::vector<std::string> OptionTable::read_secret_files() {
  std::vector<std::string> faults;
  for (const Secret& secret : secrets_) {
    if (secret.file.empty()) continue;
    if (!secret.into->empty()) {
      faults.push_back(secret.path + " and " + secret.path + "_file exclude each other");
      continue;
    }
    try {
      *secret.into = secret_in(secret.file);
    } catch (const std::invalid_argument& error) {
      faults.push_back(secret.path + "_file: " + error.what());
    }
  }
  return faults;
}

}  // namespace wscast::program
