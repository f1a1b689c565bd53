#include "bench/bench_result.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "json_writer.h"
#include "server_url.h"

namespace wscast::program {
namespace {

using Nanoseconds = std::chrono::nanoseconds;

/// Above it a thread has no time left; an even share of a core would be less than that.
constexpr double kFullCore = 0.9;
constexpr double kManyLate = 0.01;

std::string fixed(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

/// `1,234,567`.
std::string grouped(double value) {
  std::string text = fixed(value, 0);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string percent(double share) {
  return fixed(share * 100, 0) + " %";
}

double seconds(Nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

double microseconds(Nanoseconds time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

std::string time_text(Nanoseconds time) {
  const double us = microseconds(time);
  if (us < 1'000) return fixed(us, 0) + " us";
  if (us < 1e6) return fixed(us / 1e3, us < 1e5 ? 2 : 0) + " ms";
  return fixed(us / 1e6, 2) + " s";
}

double per_second(const BenchResult& result) {
  const double lasted = seconds(result.lasted);
  return lasted > 0 ? static_cast<double>(result.messages) / lasted : 0;
}

std::optional<double> cpu_us_per_message(const BenchResult& result) {
  if (!result.server_cpu || result.messages == 0) return std::nullopt;
  return microseconds(*result.server_cpu) / static_cast<double>(result.messages);
}

std::string unit_of(LoadKind kind) {
  if (kind == LoadKind::connect) return "connection";
  return kind == LoadKind::echo ? "round trip" : "message";
}

std::string clients_text(const BenchPlan& plan) {
  const auto count = grouped(static_cast<double>(plan.arguments.clients));
  switch (plan.kind) {
    case LoadKind::fanout:
      return " in a room of " + count;
    case LoadKind::connect:
      return ", " + count + " at a time";
    default:
      return " with " + count + " clients";
  }
}

std::string title(const BenchPlan& plan, const BenchResult& result) {
  const BenchArguments& arguments = plan.arguments;
  std::string out = arguments.mode + " at " + without_query(arguments.url) + clients_text(plan);
  if (plan.kind != LoadKind::connect && plan.kind != LoadKind::idle) {
    out += ", " + std::to_string(arguments.size) + " bytes";
  }
  if (arguments.rate > 0) {
    out += ", " + grouped(static_cast<double>(arguments.rate)) + " a second";
  } else if (plan.kind != LoadKind::idle && plan.kind != LoadKind::connect) {
    out += ", " + std::to_string(arguments.in_flight) + " in flight";
  }
  return out + ", " + fixed(seconds(result.lasted), 1) + " s\n";
}

std::string row(std::string_view name, const std::string& value) {
  std::string out = "  " + std::string(name);
  out.resize(22, ' ');
  return out + value + "\n";
}

std::string latency_row(const BenchPlan& plan, const BenchResult::Latency& latency) {
  const std::string value = "p50 " + time_text(latency.p50) + ", p99 " + time_text(latency.p99) +
                            ", p99.9 " + time_text(latency.p999) + ", max " +
                            time_text(latency.max);
  return row("latency", value + (plan.arguments.rate > 0 ? ", from when each was due" : ""));
}

std::string server_rows(const BenchPlan& plan, const BenchResult& result) {
  std::string out;
  if (const auto each = cpu_us_per_message(result)) {
    const double share = seconds(*result.server_cpu) / seconds(result.lasted);
    out += row("server CPU", fixed(*each, 2) + " us a " + unit_of(plan.kind) + ", " +
                                 percent(share) + " of a core");
  }
  if (!result.bytes_per_connection) return out;
  out += row("server memory", *result.bytes_per_connection > 0
                                  ? grouped(*result.bytes_per_connection) + " bytes a connection"
                                  : "has not grown: it has had as many connections before");
  return out;
}

std::string limit_text(const BenchResult& result) {
  std::string out = "The load generator was the limit: ";
  if (result.late > kManyLate) {
    out += percent(result.late) + " of the messages were sent over 10 ms late.";
  } else if (result.generator_cpu >= kFullCore) {
    out += "it used " + percent(result.generator_cpu) + " of a core.";
  } else {
    out += "it ran " + percent(result.generator_cpu) + " of the time and waited for a core " +
           percent(result.generator_waited) + ".";
  }
  return out + " The server may be able to do more.\n";
}

void add(JsonObjectWriter& out, std::string_view name, double value, int digits) {
  const std::string text = fixed(value, digits);
  out.raw(name, Json::text(text));
}

void add(JsonObjectWriter& out, std::string_view name, std::uint64_t value) {
  const std::string text = std::to_string(value);
  out.raw(name, Json::text(text));
}

std::string latency_json(const BenchResult::Latency& latency) {
  JsonObjectWriter out;
  add(out, "p50", microseconds(latency.p50), 1);
  add(out, "p99", microseconds(latency.p99), 1);
  add(out, "p999", microseconds(latency.p999), 1);
  add(out, "max", microseconds(latency.max), 1);
  return out.finish();
}

void write_numbers(JsonObjectWriter& out, const BenchPlan& plan, const BenchResult& result) {
  const BenchArguments& arguments = plan.arguments;
  add(out, "clients", arguments.clients);
  if (plan.kind != LoadKind::idle && plan.kind != LoadKind::connect)
    add(out, "size", arguments.size);
  if (arguments.rate > 0) {
    add(out, "rate", arguments.rate);
  } else if (plan.kind != LoadKind::idle) {
    add(out, "inFlight", arguments.in_flight);
  }
  add(out, "seconds", seconds(result.lasted), 3);
  if (plan.kind == LoadKind::idle) return;
  add(out, "messages", result.messages);
  add(out, "messagesPerSecond", per_second(result), 0);
  if (plan.kind == LoadKind::connect) return;
  add(out, "published", result.published);
  add(out, "lost", result.lost);
  add(out, "notices", result.notices);
}

}  // namespace

bool BenchResult::generator_was_limit() const {
  return late > kManyLate || generator_cpu + generator_waited >= kFullCore;
}

std::string result_text(const BenchPlan& plan, const BenchResult& result) {
  std::string out = title(plan, result);
  const std::string unit = unit_of(plan.kind);
  if (plan.kind != LoadKind::idle) {
    out += row(unit + "s", grouped(static_cast<double>(result.messages)) + ", " +
                               grouped(per_second(result)) + " a second");
  }
  if (result.lost > 0) out += row("lost", grouped(static_cast<double>(result.lost)));
  if (result.notices > 0) {
    out += row("dropped notices", grouped(static_cast<double>(result.notices)));
  }
  if (result.latency) out += latency_row(plan, *result.latency);
  out += server_rows(plan, result);
  if (plan.kind == LoadKind::idle) return out;
  out += row("load generator", percent(result.generator_cpu) + " of a core");
  if (result.generator_was_limit()) out += limit_text(result);
  return out;
}

std::string result_json(const BenchPlan& plan, const BenchResult& result) {
  JsonObjectWriter out;
  out.text("mode", plan.arguments.mode).text("url", without_query(plan.arguments.url));
  write_numbers(out, plan, result);
  if (result.latency) out.raw("latencyUs", Json::text(latency_json(*result.latency)));
  if (const auto each = cpu_us_per_message(result)) {
    add(out, "serverCpuUsPerMessage", *each, 4);
  }
  if (result.server_cpu) {
    add(out, "serverCpu", seconds(*result.server_cpu) / seconds(result.lasted), 3);
  }
  if (result.bytes_per_connection) {
    add(out, "serverBytesPerConnection", *result.bytes_per_connection, 0);
  }
  if (plan.kind == LoadKind::idle) return out.finish();
  add(out, "generatorCpu", result.generator_cpu, 3);
  add(out, "generatorWaited", result.generator_waited, 3);
  add(out, "sentLate", result.late, 4);
  out.raw("generatorWasLimit", Json::text(result.generator_was_limit() ? "true" : "false"));
  return out.finish();
}

}  // namespace wscast::program
