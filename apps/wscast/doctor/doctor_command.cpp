#include "doctor/doctor_command.h"

#include <algorithm>
#include <iostream>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "auth/admission_rules.h"
#include "doctor/certificate_checks.h"
#include "doctor/clock_checks.h"
#include "doctor/finding.h"
#include "doctor/redis_checks.h"
#include "doctor/redis_facts.h"
#include "doctor/system_checks.h"
#include "exit_code.h"
#include "flags.h"
#include "logging.h"
#include "progress.h"
#include "rooms/room_rules.h"
#include "server_options.h"
#include "version.h"

namespace wscast::program {
namespace {

using Level = Finding::Level;

Findings check_configuration(const Configuration& configuration, const std::string& file) {
  Findings findings;
  for (const Fault& fault : configuration.faults()) {
    findings.push_back({.level = Level::error,
                        .check = "configuration",
                        .what = fault.text(),
                        .mend = "correct it; wscast serve --help names the options"});
  }
  for (const std::string& warning : configuration.warnings()) {
    findings.push_back({.level = Level::warning,
                        .check = "configuration",
                        .what = warning,
                        .mend = "correct it if it is not meant so"});
  }
  if (!findings.empty()) return findings;
  const std::string what = file.empty() ? "the options are valid" : file + " is valid";
  return {{.check = "configuration", .what = what}};
}

/// Reads what decides who may connect, as `serve` does.
Finding check_authentication(const ServeArguments& arguments) {
  Finding finding{.check = "authentication", .what = "by " + arguments.effective_auth_mode()};
  try {
    if (!arguments.jwks.url.empty()) Progress().say("fetching keys");
    admission_rules(arguments, admission_client(arguments));
  } catch (const std::exception& error) {
    finding.level = Level::error;
    finding.what = error.what();
    finding.mend = "correct the file or URL that it names";
  }
  return finding;
}

Findings check_certificates(const ServeArguments& arguments) {
  Findings findings;
  const auto now = std::chrono::system_clock::now();
  const TlsArguments& tls = arguments.tls;
  for (std::size_t i = 0; i < std::min(tls.certificates.size(), tls.keys.size()); ++i) {
    findings.push_back(check_certificate({.certificate = tls.certificates[i], .key = tls.keys[i]},
                                         "--tls-cert and --tls-key", now));
  }
  const ApiArguments& api = arguments.api;
  if (!api.certificate.empty() && !api.certificate_key.empty()) {
    findings.push_back(
        check_certificate({.certificate = api.certificate, .key = api.certificate_key},
                          "--api-tls-cert and --api-tls-key", now));
  }
  return findings;
}

SystemNeeds needs_of(const ServeArguments& arguments) {
  const TransportOptions& transport = arguments.options.transport;
  SystemNeeds needs{.connections = transport.max_connections,
                    .local_redis = is_local_redis(arguments.redis.url),
                    .io = io_option(arguments)};
  if (needs.connections > 0 && arguments.api.listens()) {
    needs.connections += arguments.api.limits.max_connections;
  }
  needs.local_proxy = std::ranges::any_of(transport.trusted_proxies, [](const std::string& proxy) {
    return proxy.starts_with("127.") || proxy.starts_with("::1");
  });
  return needs;
}

Findings check_redis_of(const ServeArguments& arguments) {
  if (arguments.redis.url.empty()) return {{.check = "Redis", .what = "none: a single server"}};
  try {
    const auto options = arguments.redis.read();
    Progress().say("asking Redis");
    const bool history = !history_rules(arguments.rooms).empty();
    return check_redis(read_redis_facts(*options, history), *options);
  } catch (const std::exception& error) {
    return {{.level = Level::error,
             .check = "Redis",
             .what = error.what(),
             .mend = "correct the options of Redis"}};
  }
}

Findings examine(const DoctorArguments& arguments) {
  const Configuration configuration(arguments.sources);
  const ServeArguments& serve = configuration.arguments();
  Findings findings = check_configuration(configuration, arguments.sources.file);
  if (configuration.faults().empty()) findings.push_back(check_authentication(serve));
  findings += check_system(read_system_facts(), needs_of(serve));
  findings.push_back(check_clock(std::chrono::system_clock::now(), build_time()));
  findings += check_certificates(serve);
  findings += check_redis_of(serve);
  return findings;
}

}  // namespace

void add_doctor_flags(CLI::App& app, DoctorArguments& arguments) {
  add_configuration_flags(app, arguments.sources);
  Flags(app, "Options").on("--json", arguments.json, "Print each finding as a JSON object");
}

int doctor(const DoctorArguments& arguments) {
  start_logging("off", "text");
  const Findings findings = examine(arguments);
  for (const Finding& finding : findings) {
    std::cout << (arguments.json ? finding_json(finding) : finding_text(finding)) << "\n";
  }
  std::cout.flush();
  return has_error(findings) ? kFoundErrors : kDone;
}

}  // namespace wscast::program
