#include "auth/jwt/jwt_key_files.h"

#include <cstddef>
#include <fstream>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

namespace wscast::program {
namespace {

constexpr std::size_t kMaxBytes = 1024 * 1024;

using ReadText = std::function<std::string(const std::filesystem::path&)>;

std::optional<NamedText> read_into(std::vector<std::string>& faults, const std::string& file,
                                   const ReadText& read) {
  if (file.empty()) return std::nullopt;
  try {
    return NamedText{.name = file, .text = read(file)};
  } catch (const std::runtime_error& error) {
    faults.emplace_back(error.what());
    return std::nullopt;
  }
}

}  // namespace

std::string key_file_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  // A directory can be opened, but not read.
  if (!stream || std::filesystem::is_directory(file)) {
    throw std::runtime_error(file.string() + ": cannot be read");
  }
  std::string text(kMaxBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) throw std::runtime_error(file.string() + ": cannot be read");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMaxBytes) throw std::runtime_error(file.string() + ": is larger than 1 MiB");
  return text;
}

std::string secret_in_file(const std::filesystem::path& file) {
  std::string text = key_file_text(file);
  const std::size_t end = text.ends_with("\r\n") ? 2 : text.ends_with('\n') ? 1 : 0;
  text.resize(text.size() - end);
  return text;
}

JwtKeySources JwtKeyFiles::read(std::vector<std::string>& faults) const {
  JwtKeySources sources;
  if (auto text = read_into(faults, secret, secret_in_file)) {
    sources.secrets.push_back(std::move(*text));
  }
  for (const std::string& pem : pems) {
    if (auto text = read_into(faults, pem, key_file_text)) sources.pems.push_back(std::move(*text));
  }
  sources.jwks = read_into(faults, jwks, key_file_text);
  return sources;
}

}  // namespace wscast::program
