#pragma once

#include "config/configuration.h"

namespace wscast::program {

/// The arguments of `wscast doctor`.
struct DoctorArguments {
  ConfigurationSources sources;  ///< Those of `serve`.
  bool json = false;
};

/// Adds the flags of `serve`, and its own, to `app`; `arguments` is filled when it parses, and must
/// outlive it.
void add_doctor_flags(CLI::App& app, DoctorArguments& arguments);

/// Looks at what a server with this configuration would meet on this machine, and prints a line for
/// each finding. Returns the exit code.
int doctor(const DoctorArguments& arguments);

}  // namespace wscast::program
