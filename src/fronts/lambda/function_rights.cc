#include "fronts/lambda/function_rights.h"

#include <algorithm>

#include "handlers/routes.h"

namespace tintype {
namespace {

constexpr std::string_view kUpload[] = {"POST /images", "POST /images/batch"};
constexpr std::string_view kList[] = {"GET /images", "GET /tags", "GET /users/{user_id}/usage"};
constexpr std::string_view kGet[] = {"GET /images/{image_id}", "GET /healthz", "GET /openapi.json",
                                     "GET /docs"};
constexpr std::string_view kDownload[] = {"GET /images/{image_id}/download"};
constexpr std::string_view kDelete[] = {"DELETE /images/{image_id}",
                                        "POST /images/{image_id}/restore"};
constexpr std::string_view kUpdate[] = {"PATCH /images/{image_id}"};
constexpr std::string_view kProcess[] = {"POST /images/{image_id}/complete", "GET /readyz"};
constexpr std::string_view kRendition[] = {"GET /images/{image_id}/rendition"};

// In the order of LambdaFunction. `all` answers every route.
const FunctionRights kRights[] = {
    {LambdaFunction::all, {}, true, true},
    {LambdaFunction::upload, kUpload},
    {LambdaFunction::list, kList},
    {LambdaFunction::get, kGet},
    {LambdaFunction::download, kDownload},
    {LambdaFunction::delete_, kDelete},
    {LambdaFunction::update, kUpdate},
    {LambdaFunction::process, kProcess, true},
    {LambdaFunction::janitor, {}, false, true},
    {LambdaFunction::rendition, kRendition},
};

bool names(std::string_view text, const Route& route) {
  auto method = method_name(route.method);
  return text.size() == method.size() + 1 + route.pattern.size() && text.starts_with(method) &&
         text.ends_with(route.pattern);
}

}  // namespace

const FunctionRights& rights_of(LambdaFunction function) {
  return kRights[static_cast<std::size_t>(function)];
}

bool answers(const FunctionRights& rights, Method method, std::string_view raw_path) {
  if (rights.function == LambdaFunction::all) return true;
  auto match = match_route(route_table(), method, raw_path);
  if (!match.route) return true;
  return std::ranges::any_of(rights.routes, [&](auto text) { return names(text, *match.route); });
}

}  // namespace tintype
