#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "auth/jwt/jwt_key_set.h"

namespace wscast::program {

/// The files that keys are read from. Each may be missing.
struct JwtKeyFiles {
  std::string secret{};             ///< A line feed at its end does not belong to the secret.
  std::vector<std::string> pems{};  ///< Public keys and certificates.
  std::string jwks{};               ///< A JSON Web Key Set.

  bool empty() const { return secret.empty() && pems.empty() && jwks.empty(); }

  /// Reads the files. Adds to `faults` what cannot be read, one sentence each.
  JwtKeySources read(std::vector<std::string>& faults) const;
};

/// The content of a file of at most 1 MiB. Throws std::runtime_error that names the file.
std::string key_file_text(const std::filesystem::path& file);

/// The secret in a file: its content, but for one line feed at the end. Throws as key_file_text().
std::string secret_in_file(const std::filesystem::path& file);

}  // namespace wscast::program
