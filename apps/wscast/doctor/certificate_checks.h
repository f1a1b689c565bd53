#pragma once

#include <chrono>

#include "wscast/tls_options.h"

#include "doctor/finding.h"

namespace wscast::program {

/// Reads a certificate and its key, and looks at when it expires. `flag`: where it was given.
Finding check_certificate(const CertificateFiles& files, const std::string& flag,
                          std::chrono::system_clock::time_point now);

}  // namespace wscast::program
