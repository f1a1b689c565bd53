#include "server/option_changes.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/validated.h"

namespace wscast::server {
namespace {

/// Puts back what cannot change.
class FixedOptions {
 public:
  template <class T>
  void keep(std::string_view name, const T& current, T& wanted) {
    keep(name, current, wanted, current == wanted);
  }
  template <class T>
  void keep(std::string_view name, const T& current, T& wanted, bool same) {
    if (same) return;
    sentences_.push_back(std::string(name) + " cannot change while the server runs.");
    wanted = current;
  }
  std::vector<std::string> sentences() && { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

bool same_page(const std::pair<const std::string, StaticPage>& a,
               const std::pair<const std::string, StaticPage>& b) {
  return a.first == b.first && a.second.content_type == b.second.content_type &&
         a.second.body == b.second.body && a.second.headers == b.second.headers;
}

bool same_scheme(const std::optional<EcdhScheme>& a, const std::optional<EcdhScheme>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->clients == b->clients && a->info == b->info;
}

void keep(const HttpOptions& current, HttpOptions& wanted, FixedOptions& fixed) {
  fixed.keep("http.pages", current.pages, wanted.pages,
             std::ranges::equal(current.pages, wanted.pages, same_page));
  fixed.keep("http.health", current.health, wanted.health);
  fixed.keep("http.ready", current.ready, wanted.ready);
  fixed.keep("http.stats", current.stats, wanted.stats);
  fixed.keep("http.handover.paths", current.handover.paths, wanted.handover.paths);
}

void keep(const DeflateOptions& current, DeflateOptions& wanted, FixedOptions& fixed) {
  const std::string group = "transport.per_message_deflate.";
  fixed.keep(group + "enabled", current.enabled, wanted.enabled);
  fixed.keep(group + "level", current.level, wanted.level);
  fixed.keep(group + "memory_level", current.memory_level, wanted.memory_level);
  fixed.keep(group + "max_window_bits", current.max_window_bits, wanted.max_window_bits);
}

void keep(const ServerOptions& current, ServerOptions& wanted, FixedOptions& fixed) {
  fixed.keep("identifier", current.identifier, wanted.identifier);
  fixed.keep("path", current.path, wanted.path);
  fixed.keep("encryption", current.encryption, wanted.encryption,
             same_scheme(current.encryption, wanted.encryption));
  fixed.keep("session.encryption", current.session.encryption, wanted.session.encryption);
  fixed.keep("session.default_rooms", current.session.default_rooms, wanted.session.default_rooms);
  keep(current.transport.per_message_deflate, wanted.transport.per_message_deflate, fixed);
  fixed.keep("transport.io", current.transport.io, wanted.transport.io);
  fixed.keep("transport.send_buffer", current.transport.send_buffer, wanted.transport.send_buffer);
  fixed.keep("transport.trusted_proxies", current.transport.trusted_proxies,
             wanted.transport.trusted_proxies);
  fixed.keep("transport.publish_to_self", current.transport.publish_to_self,
             wanted.transport.publish_to_self);
  keep(current.http, wanted.http, fixed);
  fixed.keep("history", current.history, wanted.history);
  fixed.keep("announce", current.announce, wanted.announce);
  fixed.keep("shards", current.shards, wanted.shards);
  fixed.keep("max_inbox_bytes", current.max_inbox_bytes, wanted.max_inbox_bytes);
  fixed.keep("measure", current.measure, wanted.measure);
}

}  // namespace

/// What is valid alone may not be so beside what cannot change.
OptionChanges changes_to(const ServerOptions& current, ServerOptions wanted) {
  wanted.broker = current.broker;
  wanted.hooks = current.hooks;
  wanted.http.handover.take = current.http.handover.take;
  wanted = validated(std::move(wanted));
  FixedOptions fixed;
  keep(current, wanted, fixed);
  return {validated(std::move(wanted)), std::move(fixed).sentences()};
}

ServerOptions completed(ServerOptions options) {
  if (options.encryption) options.session.encryption = options.encryption->clients;
  return options;
}

}  // namespace wscast::server
