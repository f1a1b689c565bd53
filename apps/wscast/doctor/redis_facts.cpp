#include "doctor/redis_facts.h"

#include <charconv>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/random.h"
#include "base/random_id.h"
#include "broker/redis/connection/connection.h"
#include "broker/redis/discovery/redis_url.h"
#include "broker/redis/history/room_keys.h"
#include "broker/redis/history/scripts.h"
#include "broker/redis/resp/command.h"
#include "broker/redis/resp/error_text.h"
#include "protocol/channel.h"

namespace wscast::program {
namespace {

using redis::RespValue;
using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr std::chrono::seconds kLongest{15};

/// A command, and what its reply says.
struct Question {
  std::vector<std::string> words;
  std::function<void(const RespValue& reply)> on_reply;
};

/// Reads `name:value` lines.
void read_info(std::string_view text, std::map<std::string, std::string, std::less<>>& into) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.starts_with('#')) continue;
    into.emplace(line.substr(0, colon), line.substr(colon + 1));
  }
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

/// What TIME says, compared with the middle between sending it and its reply.
std::optional<milliseconds> clock_ahead(const RespValue& reply, system_clock::time_point sent) {
  if (reply.elements.size() != 2) return std::nullopt;
  const auto seconds = number_of(reply.elements[0].text);
  const auto micros = number_of(reply.elements[1].text);
  if (!seconds || !micros) return std::nullopt;
  const auto theirs = std::chrono::seconds(*seconds) + std::chrono::microseconds(*micros);
  const auto now = system_clock::now();
  const auto ours = (sent + (now - sent) / 2).time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(theirs - ours);
}

/// Asks one question after the other on one connection, which must not be lost meanwhile.
class Interview final : redis::Connection::Handler {
 public:
  Interview(const RedisOptions& options, const redis::RedisUrl& url, bool history)
      : options_(options),
        history_(history),
        connection_(loop_, options_, url, "doctor", system_random(), *this) {
    plan(url);
  }

  RedisFacts run() {
    connection_.start();
    loop_.run_for(kLongest);
    if (!done_ && facts_.failure.empty()) facts_.failure = "no answer within 15 s";
    connection_.stop();
    loop_.poll();
    return std::move(facts_);
  }

 private:
  void plan(const redis::RedisUrl& url) {
    for (const char* section : {"server", "clients", "cluster"}) {
      ask({"INFO", section}, [this](const RespValue& reply) {
        if (reply.kind == RespValue::Kind::bulk) read_info(reply.text, facts_.info);
      });
    }
    for (const char* name : {"client-output-buffer-limit", "maxclients", "timeout"}) {
      ask({"CONFIG", "GET", name}, [this, name](const RespValue& reply) {
        if (reply.elements.size() == 2) facts_.settings.emplace(name, reply.elements[1].text);
      });
    }
    if (url.kind == redis::RedisUrl::Kind::cluster) {
      ask({"CLUSTER", "INFO"}, [this](const RespValue& reply) {
        std::map<std::string, std::string, std::less<>> info;
        if (reply.kind == RespValue::Kind::bulk) read_info(reply.text, info);
        facts_.cluster_state = info["cluster_state"];
      });
    }
    ask({"TIME"},
        [this](const RespValue& reply) { facts_.clock_ahead = clock_ahead(reply, asked_at_); });
    const std::string id = random_id(system_random());
    try_publishing(id);
    // In a Cluster another node may have the key.
    if (url.kind != redis::RedisUrl::Kind::cluster) try_keys(id);
    try_subscribing(id);  // Last: then the connection takes no other commands.
  }

  void try_publishing(const std::string& id) {
    const std::string probe = options_.prefix + protocol::probe_channel(id);
    const std::string server = options_.prefix + protocol::server_channel(id);
    allow("PUBLISH", probe, {"PUBLISH", probe, "0"});
    allow(rights::kServers, server, {"PUBLISH", server, "0"});
  }

  void try_keys(const std::string& id) {
    const std::string text = options_.prefix + "ws:store:" + id;
    allow(rights::kStore, text, {"SET", text, "", "PX", "1"});
    allow(rights::kStore, text, {"GET", text});
    if (!history_) return;
    // As a server that writes its first message there.
    const auto keys = redis::room_keys(options_.prefix, id);
    allow(rights::kHistory, keys.stream,
          {"EVAL", redis::append_script().text, "3", keys.position, keys.stream, keys.once + id,
           "new", id, keys.channel, "1", "1000", "{}"});
    ask({"DEL", keys.position, keys.stream, keys.once + id}, [](const RespValue& /*reply*/) {});
  }

  void try_subscribing(const std::string& id) {
    const std::string& prefix = options_.prefix;
    if (options_.subscribe == RedisSubscribe::patterns) {
      const std::string pattern = prefix + "ws:room:*";
      const std::string servers = prefix + std::string(rights::kServers);
      allow("PSUBSCRIBE", pattern, {"PSUBSCRIBE", pattern});
      return allow(rights::kServers, servers, {"PSUBSCRIBE", servers});
    }
    const std::string broadcast = prefix + std::string(protocol::kBroadcastChannel);
    for (const std::string& channel :
         {prefix + protocol::probe_channel(id), prefix + protocol::room_channel(id),
          prefix + protocol::user_channel(id), prefix + protocol::client_channel(id), broadcast}) {
      allow("SUBSCRIBE", channel, {"SUBSCRIBE", channel});
    }
    const std::string server = prefix + protocol::server_channel(id);
    allow(rights::kServers, server, {"SUBSCRIBE", server});
  }

  void ask(std::vector<std::string> words, std::function<void(const RespValue&)> on_reply) {
    questions_.push_back({std::move(words), std::move(on_reply)});
  }

  /// `right`: the command, or one of `rights`. `where`: a channel or a key.
  void allow(std::string_view right, const std::string& where, std::vector<std::string> words) {
    ask(std::move(words), [this, right = std::string(right), where](const RespValue& reply) {
      std::string& refusal = facts_.refusals[right];
      if (reply.kind != RespValue::Kind::error || !refusal.empty()) return;
      const std::string why = redis::error_text(reply);
      refusal = where + ": " + why.substr(0, why.find(" script: "));
    });
  }

  void send_next() {
    if (next_ == questions_.size()) {
      done_ = true;
      loop_.stop();
      return;
    }
    const auto& words = questions_[next_].words;
    const std::vector<std::string_view> views(words.begin(), words.end());
    std::string command;
    redis::append_command(command, std::span(views));
    asked_at_ = system_clock::now();
    connection_.send(command);
  }

  void on_ready() override {
    facts_.peer = connection_.peer();
    send_next();
  }

  void on_reply(const RespValue& reply) override {
    const bool is_message =
        next_ > 0 && !reply.elements.empty() &&
        (reply.elements[0].text == "message" || reply.elements[0].text == "pmessage");
    if (is_message || next_ == questions_.size()) return;
    questions_[next_++].on_reply(reply);
    send_next();
  }

  void on_lost(bool /*was_ready*/, const std::string& why) override {
    facts_.failure = why;
    loop_.stop();
  }

  boost::asio::io_context loop_;
  RedisOptions options_;
  const bool history_;
  redis::Connection connection_;
  RedisFacts facts_;
  std::vector<Question> questions_;
  std::size_t next_ = 0;
  system_clock::time_point asked_at_;
  bool done_ = false;
};

}  // namespace

RedisFacts read_redis_facts(const RedisOptions& options, bool history) {
  std::string fault;
  const auto url = redis::parse_redis_url(options.url, fault);
  if (!url) return {.failure = fault};
  return Interview(options, *url, history).run();
}

}  // namespace wscast::program
