#include "reload.h"

#include <exception>

#include "auth/admission_rules.h"
#include "logging.h"
#include "one_line.h"
#include "server_options.h"
#include "webhook_arguments.h"

namespace wscast::program {

namespace {

void log_refusal(const std::string& why) {
  log_line(LogLevel::error, "reload_failed", "not reloaded, " + one_line(why));
}

}  // namespace

std::vector<std::string> changes_between(const Configuration& before, const Configuration& after,
                                         bool reloadable) {
  std::vector<std::string> changes;
  for (const Option& option : after.table().options()) {
    const std::string path = option.path();
    const bool same = before.table().find(path)->value.write() == option.value.write();
    if (!same && option.reloadable == reloadable) changes.push_back(path);
  }
  return changes;
}

bool Reload::anything() const {
  const ServeArguments& arguments = current_->arguments();
  return !sources_.file.empty() || !arguments.tokens_file.empty() || !arguments.jwt_keys.empty() ||
         !arguments.tls.certificates.empty() || parts_.https != nullptr;
}

void Reload::run() {
  try {
    const auto next = std::make_shared<const Configuration>(sources_);
    if (!next->faults().empty()) throw ConfigurationError(next->faults());
    apply(next);
  } catch (const ConfigurationError& error) {
    for (const Fault& fault : error.faults()) log_refusal(fault.text());
  } catch (const std::exception& error) {
    log_refusal(error.what());
  }
}

/// A bad certificate of the API leaves its former one, as those of the server.
void Reload::reload_certificates(Server& server, const ServeArguments& arguments) const {
  if (!arguments.tls.certificates.empty()) server.reload_certificates();
  if (parts_.https == nullptr) return;
  try {
    parts_.https->reload();
    log_line(LogLevel::info, "certificates_reloaded", "the certificate of the API was reloaded");
  } catch (const std::exception& error) {
    log_line(LogLevel::error, "certificate_reload_failed",
             "the API keeps its certificate: " + one_line(error.what()));
  }
}

void Reload::reload_events(const ServeArguments& arguments) const {
  const bool sent = !arguments.webhook.url.empty();
  if (parts_.events && sent) parts_.events->reload(webhook_options(arguments));
  if ((parts_.events != nullptr) != sent) {
    log_line(LogLevel::warning, "reload_needs_restart",
             "whether events are sent changes at the next start only");
  }
}

void Reload::apply(const std::shared_ptr<const Configuration>& next) {
  const auto server = server_.lock();
  if (server == nullptr) return;
  const ServeArguments& arguments = next->arguments();
  const auto client = parts_.client ? parts_.client : admission_client(arguments);
  const auto rules = admission_rules(arguments, client);
  reload_events(arguments);
  const auto changed = changes_between(*current_, *next, true);
  server->update_options(server_options(arguments));
  set_log_level(arguments.log_level);
  parts_.admission->replace(rules);
  parts_.api->set_keys(arguments.api.all_keys());
  parts_.room_rates->set_rate(arguments.room_publish_rate);
  apply_revocations(*server, current_->arguments().revoked, arguments.revoked);
  reload_certificates(*server, arguments);
  for (const auto& path : changes_between(*started_, *next, false)) {
    log_line(LogLevel::warning, "reload_needs_restart",
             path + " has changed, but changes at the next start only");
  }
  current_ = next;
  log_line(LogLevel::info, "reloaded",
           "reloaded, options that changed: " + (changed.empty() ? "none" : joined(changed)));
}

}  // namespace wscast::program
