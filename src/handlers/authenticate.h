// Who is calling, and what they may do.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "handlers/api_context.h"
#include "handlers/caller.h"
#include "handlers/http.h"

namespace tintype {

enum class Scope : std::uint8_t { none, read, write };  // none: open to everyone

// Who sent the request: whom its verified claims name, in any mode; else as the mode can tell.
// Errors: `unauthenticated`, `forbidden` (the scope is missing). Mode `none` lets everyone without
// claims act for every user.
Result<Caller> authenticate(const ApiContext& context, const Request& request, Scope scope);

// The user that a request acts for: the one it names if the caller may act for them, else the
// caller. In mode `none` without a name: `anonymous`. Errors: `forbidden`.
Result<std::string> acting_user(const Caller& caller, const std::optional<std::string>& named);

}  // namespace tintype
