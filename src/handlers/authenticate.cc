#include "handlers/authenticate.h"

namespace tintype {

Result<Caller> authenticate(const ApiContext& context, const Request&, Scope) {
  if (context.config.authentication == AuthenticationMode::none) return Caller{{}, true};
  return Error{ErrorKind::unauthenticated,
               "unauthenticated",
               "This deployment has no way to tell who is calling.",
               {}};
}

Result<std::string> acting_user(const Caller& caller, const std::optional<std::string>& named) {
  if (!named) return caller.user_id.empty() ? std::string("anonymous") : caller.user_id;
  if (caller.may_act_for_all || *named == caller.user_id) return *named;
  return Error{ErrorKind::forbidden, "forbidden", "You may not act for another user.", {}};
}

}  // namespace tintype
