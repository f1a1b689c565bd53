#pragma once

#include <functional>
#include <string>
#include <vector>

#include "wscast/hooks.h"

#include "auth/jwt/jwt_key_files.h"
#include "auth/jwt/jwt_options.h"

namespace wscast::program {

/// Who may connect: exactly one of the ways.
struct AccessArguments {
  bool dev = false;
  std::string tokens_file;  ///< Empty: none.
  JwtKeyFiles jwt_keys;
  JwtOptions jwt;
};

/// Throws std::invalid_argument unless there is exactly one way to authenticate.
void check_access(const AccessArguments& arguments);

/// Sets the hooks that admit clients. Returns what reads the files again, logs what is wrong with
/// them and then keeps what was read before; empty if there are none. Throws std::runtime_error
/// with what is wrong with the files.
std::function<void()> admit(Hooks& hooks, const AccessArguments& arguments);

}  // namespace wscast::program
