// The wscast program: one file per subcommand.

#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>

#include "bench/bench_command.h"
#include "completion_command.h"
#include "config_command.h"
#include "doctor/doctor_command.h"
#include "emit.h"
#include "exit_code.h"
#include "health.h"
#include "help/examples.h"
#include "listen/listen_command.h"
#include "man_command.h"
#include "one_line.h"
#include "publish_command.h"
#include "renamed_flags.h"
#include "rules_command.h"
#include "serve.h"
#include "token.h"
#include "trace/trace_command.h"
#include "version.h"

namespace {

int fail(const std::string& why) {
  std::cerr << "wscast: " << wscast::program::one_line(why) << std::endl;
  return wscast::program::kUnusable;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"wscast: real-time messaging over WebSocket", "wscast"};
  app.set_version_flag("--version", wscast::program::version);
  app.require_subcommand(0, 1);
  wscast::program::ConfigurationSources serve_sources;
  CLI::App* serve = app.add_subcommand("serve", "Serve clients");
  wscast::program::add_renamed_flags(*serve);
  wscast::program::add_configuration_flags(*serve, serve_sources);
  serve->footer(R"(A tokens file: {"SECRET": {"userId": "alice", "rooms": ["lobby", "team-*"]}})");
  wscast::program::ConfigArguments config_arguments;
  CLI::App* config = app.add_subcommand("config", "Write, check and show configuration files");
  wscast::program::add_config_flags(*config, config_arguments);
  wscast::program::RulesArguments rules_arguments;
  CLI::App* rules = app.add_subcommand("rules", "Try the rules of rooms");
  wscast::program::add_rules_flags(*rules, rules_arguments);
  wscast::program::EmitArguments emit_arguments;
  CLI::App* emit = app.add_subcommand(
      "emit", "Send to the clients of all servers on one Redis (by the HTTP API: publish)");
  wscast::program::add_emit_flags(*emit, emit_arguments);
  wscast::program::ListenArguments listen_arguments;
  CLI::App* listen = app.add_subcommand("listen", "Print the messages that a client gets");
  wscast::program::add_listen_flags(*listen, listen_arguments);
  wscast::program::PublishArguments publish_arguments;
  CLI::App* publish =
      app.add_subcommand("publish", "Send to clients by the HTTP API of a server (by Redis: emit)");
  wscast::program::add_publish_flags(*publish, publish_arguments);
  wscast::program::TraceArguments trace_arguments;
  CLI::App* trace = app.add_subcommand(
      "trace", "Show what happens to single messages, on all servers, by the HTTP API");
  wscast::program::add_trace_flags(*trace, trace_arguments);
  wscast::program::HealthArguments health_arguments;
  CLI::App* health = app.add_subcommand("health", "Check whether a server is healthy");
  wscast::program::add_health_flags(*health, health_arguments);
  wscast::program::DoctorArguments doctor_arguments;
  CLI::App* doctor =
      app.add_subcommand("doctor", "Look for what would hinder a server on this machine");
  wscast::program::add_doctor_flags(*doctor, doctor_arguments);
  wscast::program::BenchArguments bench_arguments;
  CLI::App* bench = app.add_subcommand("bench", "Put load on a server and measure it");
  wscast::program::add_bench_flags(*bench, bench_arguments);
  wscast::program::TokenArguments token_arguments;
  CLI::App* token = app.add_subcommand("token", "Make a JSON Web Token for a user");
  wscast::program::add_token_flags(*token, token_arguments);
  wscast::program::CompletionArguments completion_arguments;
  CLI::App* completion =
      app.add_subcommand("completion", "Print what completes commands in a shell");
  wscast::program::add_completion_flags(*completion, completion_arguments);
  wscast::program::ManArguments man_arguments;
  CLI::App* man = app.add_subcommand("man", "Print a page of the manual");
  wscast::program::add_man_flags(*man, man_arguments);
  app.footer("To try it: wscast serve --dev. All flags: wscast serve --help.");
  wscast::program::add_examples(app);

  try {
    app.parse(argc, argv);
    if (serve->parsed()) return wscast::program::serve(serve_sources);
    if (config->parsed()) return wscast::program::run_config(config_arguments);
    if (rules->parsed()) return wscast::program::test_rules(rules_arguments);
    if (emit->parsed()) return wscast::program::emit(emit_arguments);
    if (listen->parsed()) return wscast::program::listen(listen_arguments);
    if (publish->parsed()) return wscast::program::publish(publish_arguments);
    if (trace->parsed()) return wscast::program::trace(trace_arguments);
    if (health->parsed()) return wscast::program::health(health_arguments);
    if (doctor->parsed()) return wscast::program::doctor(doctor_arguments);
    if (bench->parsed()) return wscast::program::bench(bench_arguments);
    if (token->parsed()) return wscast::program::token(token_arguments);
    if (completion->parsed()) return wscast::program::print_completion(app, completion_arguments);
    if (man->parsed()) return wscast::program::print_page(app, man_arguments);
    return fail("a command is missing: try wscast serve --dev, or wscast --help");
  } catch (const CLI::ParseError& error) {
    // To CLI11 help and version are errors, too, the only ones with an exit code of 0.
    return error.get_exit_code() == 0 ? app.exit(error) : fail(error.what());
  } catch (const wscast::program::ConfigurationError& error) {
    for (const auto& fault : error.faults()) fail(fault.text());
    return wscast::program::kUnusable;
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
