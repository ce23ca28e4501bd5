// The settings for people, from the table.
#pragma once

#include <string>

namespace tintype {

// What `tintype help settings` prints.
std::string settings_help();
// docs/SETTINGS.md, byte for byte.
std::string settings_markdown();

}  // namespace tintype
