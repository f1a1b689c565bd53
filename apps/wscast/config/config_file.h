#pragma once

#include <string>
#include <vector>

#include "api/api_key.h"
#include "config/assignments.h"
#include "config/fault.h"
#include "config/option_table.h"
#include "rooms/room_rules.h"

namespace wscast::program {

/// What a configuration file says.
struct ConfigFile {
  Assignments values;
  std::vector<RoomRule> rooms;   ///< `[[rooms]]`, in order.
  std::vector<ApiKey> api_keys;  ///< `[[api.keys]]`.
  std::vector<Fault> faults;     ///< With lines; what is faulty is not in the above.
};

/// Reads a TOML file. Options that `table` lacks are faults, and so is what cannot be read; values
/// are not looked at.
ConfigFile read_config_file(const std::string& file, const OptionTable& table);

/// The same for the content of a file, whose name is for messages.
ConfigFile parse_config(const std::string& file, std::string_view content,
                        const OptionTable& table);

}  // namespace wscast::program
