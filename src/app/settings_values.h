// One setting's value as text: read, checked against the table, and written back.
#pragma once

#include <string>
#include <string_view>

#include "app/settings.h"
#include "base/result.h"

namespace tintype {

// Stores `text` in the setting's member. Errors: `invalid`, the detail being the rest of a sentence
// that began with the source: `"x" is not a size; write ...`.
Result<void> set_value(Settings& settings, const Setting& setting, std::string_view text);

// The member as set_value would read it, in the largest unit that reads well: `10MiB`, `15m`.
std::string format_value(const Settings& settings, const Setting& setting);

// `size`, `one of embedded, aws`, ...: what to write, for people.
std::string describe_type(const Setting& setting);

}  // namespace tintype
