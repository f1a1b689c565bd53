#include "tls_flags.h"

#include <stdexcept>

#include <CLI/CLI.hpp>

#include "flags.h"

namespace wscast::program {
namespace {

void add_files(CLI::App& app, const std::string& name, std::vector<std::string>& into,
               const std::string& help) {
  app.add_option(name, into, help)->allow_extra_args(false)->type_name("FILE")->group("TLS");
}

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument(why);
}

}  // namespace

std::string TlsArguments::flag_given() const {
  if (!certificates.empty()) return "--tls-cert";
  if (!keys.empty()) return "--tls-key";
  if (options.self_signed) return "--tls-self-signed";
  return min_version == "1.2" ? "" : "--tls-min-version";
}

TlsOptions TlsArguments::read(bool dev) const {
  if (certificates.size() != keys.size()) {
    refuse("--tls-cert was given " + std::to_string(certificates.size()) + " times and --tls-key " +
           std::to_string(keys.size()) +
           " times: each certificate needs its key, in the same order");
  }
  if (options.self_signed && !dev) {
    refuse("--tls-self-signed is for trying out and needs --dev");
  }
  if (options.self_signed && !certificates.empty()) {
    refuse("--tls-self-signed and --tls-cert exclude each other");
  }
  if (!options.self_signed && certificates.empty()) {
    refuse("--listen-tls needs --tls-cert FILE and --tls-key FILE, or --tls-self-signed to try it");
  }
  TlsOptions read = options;
  read.min_version = min_version == "1.3" ? TlsVersion::tls_1_3 : TlsVersion::tls_1_2;
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    read.certificates.push_back({.certificate = certificates[i], .key = keys[i]});
  }
  return read;
}

void add_tls_flags(CLI::App& app, TlsArguments& arguments) {
  add_files(app, "--tls-cert", arguments.certificates,
            "PEM file of a certificate and those that lead to its authority; may be given several "
            "times, each with its --tls-key: clients choose by the host's name. Read again on "
            "SIGHUP and when a file changes");
  add_files(app, "--tls-key", arguments.keys, "PEM file of the key, without a passphrase");
  Flags flags(app, "TLS");
  flags.choice("--tls-min-version", arguments.min_version, {"1.2", "1.3"},
               "The lowest version of TLS that is accepted");
  flags.on("--tls-self-signed", arguments.options.self_signed,
           "With --dev: make a certificate for localhost that browsers warn of");
  flags.duration("--tls-handshake-timeout", arguments.options.handshake_timeout,
                 "How long a TLS handshake may take, from connecting on (0: no limit)");
  flags.count("--tls-max-handshakes", arguments.options.max_handshakes,
              "TLS handshakes at once; beyond it connections are closed", kPositive);
  flags.duration("--tls-reload-interval", arguments.options.reload_interval,
                 "How often to look for changed certificates (0: on SIGHUP only)");
}

}  // namespace wscast::program
