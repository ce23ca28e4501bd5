#include "handlers/routes.h"

#include "domain/limits.h"
#include "handlers/handlers.h"

namespace tintype {
namespace {

// A body that says nothing (`{}` or empty) fits in this.
constexpr std::uint64_t kNoBody = 1024;

// A plain page is one sequential read, cheaper than a thread hop; words and tag combinations may
// read much more.
CostClass list_cost(const Request& request) {
  bool heavy = request.raw_query.find("q=") != std::string_view::npos ||
               request.raw_query.find("%71") != std::string_view::npos ||  // `q`, encoded
               request.raw_query.find(',') != std::string_view::npos ||
               request.raw_query.find("%2") != std::string_view::npos;
  return heavy ? CostClass::blocking : CostClass::inline_;
}

using enum BodyKind;
using enum CostClass;

constexpr std::uint64_t kJson = kMaxJsonBodyBytes;

const Route kRoutes[] = {
    {Method::get, "/healthz", Scope::none, none, 0, inline_, healthz_handler},
    {Method::get, "/images/{image_id}", Scope::read, none, 0, inline_, get_handler},
    {Method::get, "/images", Scope::read, none, 0, inline_, list_handler, nullptr, false,
     list_cost},
    {Method::get, "/objects/{bucket}/{key+}", Scope::none, none, 0, inline_, get_object_handler,
     nullptr, true, nullptr, ""},
    {Method::put, "/objects/{bucket}/{key+}", Scope::none, stream, 0, blocking, nullptr,
     open_object_put, true, nullptr, ""},
    {Method::post, "/objects/{bucket}", Scope::none, stream, 0, blocking, nullptr, open_object_post,
     true, nullptr, ""},
    {Method::post, "/images", Scope::write, whole, kJson, blocking, create_handler,
     open_form_upload},
    {Method::post, "/images/batch", Scope::write, whole, kJson, blocking, batch_handler},
    {Method::post, "/images/{image_id}/complete", Scope::write, whole, kNoBody, blocking,
     complete_handler},
    {Method::get, "/images/{image_id}/download", Scope::read, none, 0, inline_, download_handler},
    // Open to all: public images and signed links need no credentials.
    {Method::get, "/images/{image_id}/rendition", Scope::none, none, 0, blocking, rendition_handler,
     nullptr, false, nullptr, "", quick_rendition},
    {Method::patch, "/images/{image_id}", Scope::write, whole, kJson, blocking, update_handler},
    {Method::delete_, "/images/{image_id}", Scope::write, none, 0, blocking, delete_handler},
    {Method::post, "/images/{image_id}/restore", Scope::write, whole, kNoBody, blocking,
     restore_handler},
    {Method::get, "/tags", Scope::read, none, 0, blocking, tags_handler},
    {Method::get, "/users/{user_id}/usage", Scope::read, none, 0, inline_, usage_handler},
    {Method::get, "/readyz", Scope::none, none, 0, blocking, readyz_handler},
    {Method::get, "/openapi.json", Scope::none, none, 0, inline_, openapi_handler},
    {Method::get, "/docs", Scope::none, none, 0, inline_, docs_handler, nullptr, false, nullptr,
     "text/html"},
};

}  // namespace

std::span<const Route> route_table() { return kRoutes; }

}  // namespace tintype
