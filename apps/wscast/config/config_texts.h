#pragma once

namespace wscast::program {

// What a configuration file says of itself, and its page of the manual.

inline constexpr const char* kConfigTitle = "The configuration of wscast";
inline constexpr const char* kConfigUse = "wscast serve --config FILE.";
inline constexpr const char* kConfigOrder =
    "The environment overrides the file, and flags override both; SIGHUP reads it again. To check "
    "it: wscast config check FILE.";

inline constexpr const char* kRoomsHelp =
    "Who may join which rooms and publish to them: the first rule that matches decides. Without "
    "one, a client may use the rooms that its token names. {userId} is the client's user, {name} a "
    "field of its metadata. Rooms with history keep their messages for clients that were away.";
inline constexpr const char* kRoomsExample =
    "[[rooms]]\n"
    "match = \"lobby\"\n"
    "join = true\n"
    "publish = true\n"
    "\n"
    "[[rooms]]\n"
    "match = \"user-{userId}\"\n"
    "join = true\n"
    "publish = true\n"
    "events = [\"chat\", \"note-*\"]\n"
    "history = { size = 1000, ttl = \"10m\" }\n";

}  // namespace wscast::program
