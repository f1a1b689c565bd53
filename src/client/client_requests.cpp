#include "client/client_requests.h"

#include "wscast/error.h"
#include "wscast/json_fields.h"

#include "protocol/json_number.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;

// The server remembers the key of a message for 5 minutes (protocol.md H10).
constexpr auto kKeyTime = 240s;

ClientError lost() {
  return {.code = Errc::lost, .message = "the connection ended before the reply"};
}

ClientError not_connected(std::string words) {
  return {.code = std::make_error_code(std::errc::not_connected), .message = std::move(words)};
}

std::string in_ms(std::chrono::milliseconds time) {
  return " in " + std::to_string(time.count()) + " ms";
}

/// An error, or an ack that says no.
bool is_refusal(const ServerMessage& reply) {
  if (reply.event == "error") return true;
  if (reply.event != "ack") return false;
  const auto fields = JsonFields::of(reply.data);
  return fields && fields->boolean("ok") == false;
}

}  // namespace

void ClientRequests::add(SteadyTime now, std::uint64_t id, ClientRequest request) {
  in_turn(now, id, {.request = std::move(request)});
}

void ClientRequests::in_turn(SteadyTime now, std::uint64_t id, Entry entry) {
  if (acknowledges_ && outbox_.empty()) return send(now, id, std::move(entry));
  if (limits_.outbox == 0) return end(entry, not_connected("there is no connection"));
  if (outbox_.size() >= limits_.outbox) {
    const std::string words = std::to_string(limits_.outbox) + " messages wait already";
    return end(entry, {.code = Errc::queue_full, .message = words});
  }
  entry.due = now + limits_.outbox_timeout;
  keep(outbox_, id, std::move(entry));
}

void ClientRequests::send(SteadyTime now, std::uint64_t id, Entry entry) {
  if (!entry.sent_at) entry.sent_at = now;
  send_(entry.request.text);
  if (!entry.request.has_id || !*acknowledges_) return end(entry, {});
  entry.due = limits_.reply_timeout > 0ms ? now + limits_.reply_timeout : SteadyTime::max();
  if (!entry.request.repeats) entry.request.text = {};
  keep(sent_, id, std::move(entry));
}

void ClientRequests::keep(Entries& entries, std::uint64_t id, Entry entry) {
  bytes_ += entry.request.text.size();
  if (entry.due != SteadyTime::max()) deadlines_.emplace(entry.due, id);
  entries.insert_or_assign(id, std::move(entry));
}

ClientRequests::Entry ClientRequests::take(Entries& entries, Entries::iterator entry) {
  Entry taken = std::move(entry->second);
  deadlines_.erase({taken.due, entry->first});
  entries.erase(entry);
  bytes_ -= taken.request.text.size();
  return taken;
}

/// Of what was lost once nobody can say that it was not handled.
void ClientRequests::end(const Entry& entry, const ClientError& error, const ServerMessage* reply) {
  if (!entry.request.on_done) return;
  if (entry.lost && error) return entry.request.on_done(lost(), nullptr);
  entry.request.on_done(error, reply);
}

void ClientRequests::connected(bool acknowledges) {
  acknowledges_ = acknowledges;
}

void ClientRequests::release(SteadyTime now) {
  while (acknowledges_ && !outbox_.empty()) {
    const std::uint64_t id = outbox_.begin()->first;
    Entry entry = take(outbox_, outbox_.begin());
    if (entry.sent_at && now - *entry.sent_at > kKeyTime) {
      end(entry, lost());
    } else {
      send(now, id, std::move(entry));
    }
  }
}

void ClientRequests::disconnected(SteadyTime now) {
  acknowledges_.reset();
  while (!sent_.empty()) {
    const std::uint64_t id = sent_.begin()->first;
    Entry entry = take(sent_, sent_.begin());
    entry.lost = true;
    if (entry.request.repeats) {
      in_turn(now, id, std::move(entry));
    } else {
      end(entry, lost());
    }
  }
}

void ClientRequests::close(const ClientError& error) {
  acknowledges_.reset();
  while (!sent_.empty()) end(take(sent_, sent_.begin()), lost());
  while (!outbox_.empty()) end(take(outbox_, outbox_.begin()), error);
}

void ClientRequests::on_reply(const ServerMessage& reply) {
  const auto id = protocol::whole_number(reply.id.value_or(""));
  const auto found = id ? sent_.find(*id) : sent_.end();
  if (found == sent_.end()) return;
  const Entry entry = take(sent_, found);
  if (!is_refusal(reply)) return end(entry, {}, &reply);
  end(entry, {.code = Errc::refused, .message = words_of(reply)}, &reply);
}

SteadyTime ClientRequests::due() const {
  return deadlines_.empty() ? SteadyTime::max() : deadlines_.begin()->first;
}

void ClientRequests::on_time(SteadyTime now) {
  while (due() <= now) {
    const std::uint64_t id = deadlines_.begin()->second;
    if (const auto found = outbox_.find(id); found != outbox_.end()) {
      end(take(outbox_, found), not_connected("no connection" + in_ms(limits_.outbox_timeout)));
    } else {
      end(take(sent_, sent_.find(id)), {.code = std::make_error_code(std::errc::timed_out),
                                        .message = "no reply" + in_ms(limits_.reply_timeout)});
    }
  }
}

}  // namespace wscast::client
