#pragma once

#include <string>

namespace wscast {

class Random;

/// Returns 16 random bytes as 32 lower-case hexadecimal digits: nobody else has the same, or can
/// guess it. Throws std::runtime_error when the system provides no randomness.
std::string random_id(Random& random);

/// The same in the form of a UUID of version 4.
std::string random_uuid(Random& random);

}  // namespace wscast
