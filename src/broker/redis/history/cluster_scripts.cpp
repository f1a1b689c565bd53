#include "broker/redis/history/cluster_scripts.h"

#include <array>
#include <chrono>
#include <exception>
#include <utility>

#include "base/given_up.h"
#include "broker/redis/discovery/cluster_nodes.h"
#include "broker/redis/pubsub/run_owed.h"

namespace wscast::redis {
namespace {

constexpr int kMaxRedirections = 5;
constexpr auto kRetryPause = std::chrono::milliseconds(20);
constexpr auto kSlotsPause = std::chrono::milliseconds(200);

constexpr std::array<std::string_view, 1> kAsking = {"ASKING"};

}  // namespace

/// It is open until close(), or until it is given up for want of memory.
struct ClusterScripts::Pending {
  Pending(std::size_t& count, ScriptClient::Call what, Publisher::OnAnswer done,
          std::uint16_t where, SteadyTime until)
      : call(std::move(what)),
        on_answer(std::move(done)),
        slot(where),
        give_up(until),
        open(&count) {
    ++count;
  }
  ~Pending() { close(); }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

  void close() {
    if (open != nullptr) --*std::exchange(open, nullptr);
  }

  void enter(std::size_t& calls) {
    ++calls;
    node_open = &calls;
  }
  void leave() {
    if (node_open != nullptr) --*std::exchange(node_open, nullptr);
  }

  const ScriptClient::Call call;
  const Publisher::OnAnswer on_answer;
  const std::uint16_t slot;
  const SteadyTime give_up;  ///< It is not tried again after that.
  int redirections = 0;
  std::size_t* open;
  std::size_t* node_open = nullptr;  ///< Of the node that it was sent to, while that is to answer.
};

struct ClusterScripts::Node {
  struct Waiting {
    Shared pending;
    bool asking;
  };

  Host host;
  RedisUrl url;
  std::unique_ptr<PublishConnection> connection{};
  std::unique_ptr<ScriptClient> scripts{};
  bool connecting = true;         ///< For the first time, or again since it was last ready.
  std::deque<Waiting> waiting{};  ///< For the first connection.
  std::size_t open = 0;           ///< Calls that were sent here.
  SteadyTime heard_at{};          ///< When it was ready, or replied.
};

ClusterScripts::ClusterScripts(boost::asio::io_context& loop, const RedisOptions& options,
                               const RedisUrl& url, Random& random, const Clock& clock,
                               PublishConnection& seed, std::function<void()> settled)
    : loop_(loop),
      options_(options),
      url_(url),
      random_(random),
      clock_(clock),
      seed_(seed),
      settled_(std::move(settled)),
      retry_timer_(loop, [this] { retry(); }) {}

ClusterScripts::~ClusterScripts() = default;

void ClusterScripts::run(ScriptCall call, Publisher::OnAnswer on_answer) {
  if (stopped_) return seed_.query_in_time(kAsking, std::move(on_answer));  // Stopped, too.
  const auto slot = key_slot(call.keys.front());
  dispatch(std::make_shared<Pending>(open_, std::make_shared<const ScriptCall>(std::move(call)),
                                     std::move(on_answer), slot,
                                     clock_.now() + options_.answer_timeout));
}

template <class Send>
void ClusterScripts::attempt(const Shared& pending, Send send) noexcept {
  try {
    send();
  } catch (const std::exception& error) {
    log_given_up("a call of a script in a Redis Cluster", error);
    finish_unsent(pending);
  }
}

void ClusterScripts::dispatch(const Shared& pending) {
  if (const auto master = slots_.master(pending->slot)) return send(*master, pending, false);
  request_slots({});
  without_slots_.push_back(pending);
}

void ClusterScripts::send(const Host& host, const Shared& pending, bool asking) {
  auto& to = node(host);
  if (to.connecting) return to.waiting.push_back({pending, asking});
  if (!to.connection->connection().ready()) request_slots(kSlotsPause);
  send_to(to, pending, asking);
}

void ClusterScripts::send_to(Node& node, const Shared& pending, bool asking) {
  node.scripts->run(pending->call, asking, [this, &node, pending](const Publisher::Answer& answer) {
    pending->leave();
    run_owed([&] { note_answer(node, answer); });
    on_answer(node.host, pending, answer);
  });
  pending->enter(node.open);
}

/// Nothing probes this connection: one that is silent as long as a call may take is begun anew.
void ClusterScripts::note_answer(Node& node, const Publisher::Answer& answer) {
  const SteadyTime now = clock_.now();
  if (answer.reply != nullptr) {
    node.heard_at = now;
  } else if (node.connection->connection().ready() &&
             now - node.heard_at >= options_.answer_timeout) {
    node.connection->reconnect(node.host.text() + " does not answer");
  }
}

ClusterScripts::Node& ClusterScripts::node(const Host& host) {
  const auto address = host.text();
  const auto known = nodes_.find(address);
  if (known != nodes_.end()) return *known->second;
  return *nodes_.emplace(address, make_node(host)).first->second;
}

std::unique_ptr<ClusterScripts::Node> ClusterScripts::make_node(const Host& host) {
  auto made = std::make_unique<Node>(Node{host, url_});
  auto& node = *made;
  node.url.kind = RedisUrl::Kind::single;
  node.url.hosts = {host};
  node.connection = std::make_unique<PublishConnection>(
      loop_, options_, node.url, random_, clock_,
      PublishConnection::Events{
          .ready = [this, &node] { on_ready(node); },
          .lost = [this, &node](bool /*was_ready*/, const std::string& /*why*/) { on_lost(node); },
      });
  node.scripts = std::make_unique<ScriptClient>(
      [&node](auto words, bool asking, Publisher::OnAnswer on_answer) {
        if (asking) node.connection->command(kAsking, [](const RespValue& /*ok*/) {});
        node.connection->query_in_time(words, std::move(on_answer));
      },
      random_);
  node.connection->start();
  return made;
}

void ClusterScripts::on_ready(Node& node) {
  node.connecting = false;
  node.heard_at = clock_.now();
  for (const auto& waiting : std::exchange(node.waiting, {}))
    attempt(waiting.pending, [&] { send_to(node, waiting.pending, waiting.asking); });
}

void ClusterScripts::on_lost(Node& node) {
  node.connecting = false;
  node.scripts->on_lost();
  request_slots(kSlotsPause);
  for (const auto& waiting : std::exchange(node.waiting, {})) finish_unsent(waiting.pending);
}

void ClusterScripts::on_answer(const Host& host, const Shared& pending,
                               const Publisher::Answer& answer) {
  const bool failed =
      answer.reply != nullptr && answer.reply->kind == RespValue::Kind::error && !stopped_;
  if (failed && try_elsewhere(host, pending, *answer.reply)) return;
  if (answer.reply == nullptr) {  // Its replica may have taken over.
    run_owed([this] { request_slots(kSlotsPause); });
  }
  finish(pending, answer);
}

/// Nothing was run: a node that redirects does nothing else.
bool ClusterScripts::try_elsewhere(const Host& host, const Shared& pending,
                                   const RespValue& error) {
  if (error.text.starts_with("TRYAGAIN")) {
    if (clock_.now() >= pending->give_up) return false;
    retry_timer_.fire_by(clock_.now() + kRetryPause);
    retries_.push_back(pending);
    return true;
  }
  const auto redirection = parse_redirection(error.text, host);
  if (!redirection || ++pending->redirections > kMaxRedirections) return false;
  if (!redirection->ask) {
    slots_.move(pending->slot, redirection->host);
    request_slots(kSlotsPause);
  }
  send(redirection->host, pending, redirection->ask);
  return true;
}

void ClusterScripts::finish(const Shared& pending, const Publisher::Answer& answer) {
  pending->close();
  pending->on_answer(answer);
  if (open_ == 0) settled_();
}

void ClusterScripts::finish_unsent(const Shared& pending) noexcept {
  run_owed([&] { finish(pending, {nullptr, false}); });
}

void ClusterScripts::retry() {
  for (const auto& pending : std::exchange(retries_, {}))
    attempt(pending, [&] { dispatch(pending); });
}

/// While what is known does not work it is requested again and again, but not more often.
void ClusterScripts::request_slots(std::chrono::milliseconds pause) {
  const auto now = clock_.now();
  if (slots_requested_ || stopped_ || (slots_at_ && now - *slots_at_ < pause)) return;
  seed_.query_in_time(kClusterNodesCommand,
                      [this](const Publisher::Answer& answer) { on_slots(answer); });
  slots_requested_ = true;
  slots_at_ = now;
}

void ClusterScripts::on_slots(const Publisher::Answer& answer) {
  slots_requested_ = false;
  if (answer.reply != nullptr) {
    slots_.set(*answer.reply, seed_.connection().host(), url_.tls || options_.tls);
    std::erase_if(nodes_, [this](const auto& entry) {
      const Node& node = *entry.second;
      return node.open == 0 && node.waiting.empty() && !slots_.is_master(node.host);
    });
  }
  const bool refused = answer.reply != nullptr && answer.reply->kind == RespValue::Kind::error;
  for (const auto& pending : std::exchange(without_slots_, {})) {
    attempt(pending, [&] {
      if (const auto master = slots_.master(pending->slot)) return send(*master, pending, false);
      finish(pending, refused ? answer : Publisher::Answer{nullptr, false});
    });
  }
}

void ClusterScripts::stop(bool inside) {
  stopped_ = true;
  retry_timer_.cancel();
  for (const auto& pending : std::exchange(without_slots_, {})) finish_unsent(pending);
  for (const auto& pending : std::exchange(retries_, {})) finish_unsent(pending);
  for (auto& [address, node] : nodes_) {
    node->connecting = false;
    for (const auto& waiting : std::exchange(node->waiting, {})) finish_unsent(waiting.pending);
    inside ? node->connection->abandon() : node->connection->stop();
  }
}

}  // namespace wscast::redis
