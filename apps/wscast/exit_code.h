#pragma once

#include <span>
#include <string_view>

namespace wscast::program {

/// What the program ends with. Scripts rely on the numbers.
enum ExitCode : int {
  kDone = 0,
  kFailed = 1,         ///< After the start; or the answer is no.
  kUnusable = 2,       ///< Wrong arguments, a wrong configuration, or a failed start.
  kRefused = 3,        ///< By a server.
  kUnreachable = 4,    ///< There is no answer of a server.
  kBackplaneDown = 5,  ///< It did not go to the other servers.
  kNothingCame = 6,    ///< Within a time.
  kFoundErrors = 7,    ///< The doctor did.
  kEndedAtOnce = 130,  ///< By a second signal.
};

/// What an exit code says after a command.
struct ExitStatus {
  ExitCode code;
  std::string_view command;  ///< Such as `listen`; empty: any.
  std::string_view meaning;  ///< Half a sentence.
};

/// By code, then by command. Pages of the manual and docs/cli.md say the same.
std::span<const ExitStatus> exit_statuses();

}  // namespace wscast::program
