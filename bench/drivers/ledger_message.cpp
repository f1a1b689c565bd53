#include "ledger_message.h"

#include <charconv>
#include <optional>

#include "load.h"

namespace wscast::bench {
namespace {

constexpr std::string_view kEvent = R"({"event":"m","data":")";
constexpr std::string_view kDropped = R"({"event":"dropped","data":{"count":)";

/// Reads a number from the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

std::string ledger_members(std::size_t publisher, std::uint64_t number, std::string_view filling) {
  return R"("event":"m","data":")" + std::to_string(publisher) + " " + std::to_string(number) +
         " " + std::string(filling) + "\"";
}

Noted note(MessageLedger& ledger, std::size_t receiver, std::string_view message) {
  if (message.starts_with(kEvent)) {
    message.remove_prefix(kEvent.size());
    const auto publisher = take_number(message);
    if (!publisher || !message.starts_with(' ')) throw LoadFailure("a message was changed");
    message.remove_prefix(1);
    const auto number = take_number(message);
    if (!number) throw LoadFailure("a message was changed");
    ledger.receive(receiver, *publisher, *number);
    return Noted::message;
  }
  if (!message.starts_with(kDropped)) return Noted::other;
  message.remove_prefix(kDropped.size());
  ledger.notice(receiver, take_number(message));  // Or null.
  return Noted::notice;
}

std::string publish_text(std::string_view room, std::size_t publisher, std::uint64_t number,
                         std::string_view filling) {
  return R"({"event":"publish","data":{"room":")" + std::string(room) + R"(","echo":true,)" +
         ledger_members(publisher, number, filling) + R"(},"id":)" + std::to_string(number) + "}";
}

std::optional<PublishAck> read_ack(std::string_view message) {
  using Result = MessageLedger::Result;
  constexpr std::string_view kId = R"(,"id":)";
  const std::size_t at = message.rfind(kId);
  if (!message.starts_with(R"({"event":"ack")") || at == message.npos) return std::nullopt;
  std::string_view id = message.substr(at + kId.size());
  const auto number = take_number(id);
  if (!number) return std::nullopt;
  const auto says = [message](std::string_view text) { return message.find(text) != message.npos; };
  if (!says(R"("ok":true)")) return PublishAck{*number, Result::refused};
  return PublishAck{*number,
                    says(R"("backplane":"ok")") ? Result::all_servers : Result::this_server};
}

}  // namespace wscast::bench
