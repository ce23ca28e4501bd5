// The dialect of ini in which AWS tools keep profiles. Pure.
//
//   # a comment, or ; at the start of a line only
//   [profile build]
//   region = eu-central-1
//   credential_process = /usr/bin/keys
//     --for build
//
// A name ends at the first `=` or `:` and is taken in lower case; blanks around names and values
// are dropped. A line that is indented deeper than its setting goes on with the value, after a line
// end; a `#` or `;` within a line belongs to the value. As botocore's reader (Python's
// configparser) does, which this one is tested against, with two exceptions: a section or a setting
// that comes twice is no error, the later setting counts; `[DEFAULT]` is a section like any other.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tintype {

using IniSection = std::map<std::string, std::string, std::less<>>;
using IniFile = std::map<std::string, IniSection, std::less<>>;  // by the text in the brackets

// Errors: `invalid`, naming the line's number but nothing of its text, which may be a secret.
Result<IniFile> parse_ini(std::string_view text);

}  // namespace tintype
