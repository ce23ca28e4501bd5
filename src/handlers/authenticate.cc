#include "handlers/authenticate.h"

#include "domain/validators.h"

namespace tintype {
namespace {

Error unauthenticated(std::string detail) {
  return {ErrorKind::unauthenticated, "unauthenticated", std::move(detail), {}};
}

// Cognito puts the name of its resource server before a scope: `images.example.com/images:read`.
bool has_scope(std::string_view scopes, std::string_view wanted) {
  while (!scopes.empty()) {
    auto scope = scopes.substr(0, scopes.find(' '));
    scopes.remove_prefix(std::min(scopes.size(), scope.size() + 1));
    if (scope.substr(scope.rfind('/') + 1) == wanted) return true;
  }
  return false;
}

// A token without a word on scopes is one for all that its user may do, which `admin` is not.
Result<Caller> claimed_caller(const VerifiedClaims& claims, Scope wanted) {
  auto user = validate_user_id(claims.subject);
  if (!user.ok()) return unauthenticated("The token's subject is not a user id.");
  if (!claims.scopes) return Caller{std::move(*user), false};
  const bool admin = has_scope(*claims.scopes, "admin");
  auto word = wanted == Scope::write ? "images:write" : "images:read";
  if (!admin && wanted != Scope::none && !has_scope(*claims.scopes, word))
    return Error{ErrorKind::forbidden,
                 "forbidden",
                 "The token lacks the scope " + std::string(word) + ".",
                 {}};
  return Caller{std::move(*user), admin};
}

}  // namespace

Result<Caller> authenticate(const ApiContext& context, const Request& request, Scope scope) {
  if (request.claims) return claimed_caller(*request.claims, scope);
  if (context.config.authentication == AuthenticationMode::none) return Caller{{}, true};
  return unauthenticated("This deployment has no way to tell who is calling.");
}

Result<std::string> acting_user(const Caller& caller, const std::optional<std::string>& named) {
  if (!named) return caller.user_id.empty() ? std::string("anonymous") : caller.user_id;
  if (caller.may_act_for_all || *named == caller.user_id) return *named;
  return Error{ErrorKind::forbidden, "forbidden", "You may not act for another user.", {}};
}

}  // namespace tintype
