#include "exit_code.h"

#include <array>

namespace wscast::program {
namespace {

constexpr std::array kStatuses = std::to_array<ExitStatus>({
    {kDone, "", "done; or ended by a first SIGINT or SIGTERM"},
    {kFailed, "bench", "a message was lost or wrong, or a connection ended; nothing was measured"},
    {kFailed, "config", "something is wrong with the file"},
    {kFailed, "emit", "something was not sent"},
    {kFailed, "health", "the server is not healthy, or there is no response"},
    {kFailed, "listen", "what came cannot be written to standard output"},
    {kFailed, "publish", "the server failed"},
    {kFailed, "rules", "the user may not"},
    {kFailed, "trace", "the server failed, or standard output cannot be written"},
    {kUnusable, "",
     "wrong arguments, a wrong configuration or a failed start; standard error says why"},
    {kRefused, "bench", "the server refuses the token, the room or what the clients ask for"},
    {kRefused, "listen", "the server refuses the token, a room or the connection"},
    {kRefused, "publish", "the server refuses the key or the message"},
    {kRefused, "trace", "the server refuses the key or the trace"},
    {kUnreachable, "bench", "the server or Redis cannot be reached, or the server is full"},
    {kUnreachable, "listen", "the server cannot be reached, or is full"},
    {kUnreachable, "publish", "the server cannot be reached, or is full"},
    {kUnreachable, "trace", "the server cannot be reached, or is full"},
    {kBackplaneDown, "publish",
     "the message went to clients of this server only, or nobody knows: Redis is down"},
    {kNothingCame, "listen", "nothing came within --timeout"},
    {kFoundErrors, "doctor", "an error was found"},
    {kEndedAtOnce, "bench", "ended by a second signal"},
    {kEndedAtOnce, "listen", "ended by a second signal"},
    {kEndedAtOnce, "serve", "ended by a second signal"},
    {kEndedAtOnce, "trace", "ended by a second signal"},
});

}  // namespace

std::span<const ExitStatus> exit_statuses() {
  return kStatuses;
}

}  // namespace wscast::program
