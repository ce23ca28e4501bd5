// The route table: every endpoint, declared once.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "handlers/api_context.h"
#include "handlers/authenticate.h"
#include "handlers/http.h"

namespace tintype {

using Handler = Response (*)(const ApiContext&, const Caller&, const Request&);
// Answers what needs no waiting, on the I/O thread; nothing: the request goes to the handler.
using QuickHandler = std::optional<Response> (*)(const ApiContext&, const Caller&, const Request&);
using SinkOrResponse = std::variant<std::unique_ptr<BodySink>, Response>;
using SinkOpener = SinkOrResponse (*)(const ApiContext&, const Caller&, const Request&);

struct Route {
  Method method = Method::get;
  std::string_view pattern;  // `/images/{image_id}`; a last `{key+}` takes the rest of the path
  Scope scope = Scope::none;
  BodyKind body = BodyKind::none;
  std::uint64_t max_body = 0;  // bytes of a `whole` body; a `stream` is bounded by its sink
  CostClass cost = CostClass::inline_;
  Handler handle = nullptr;
  SinkOpener open = nullptr;  // for `stream`, and for multipart/form-data where `handle` is set too
  bool s3_errors = false;     // errors are S3's XML, not problem+json
  // Chooses the cost by the request, where it varies; else null.
  CostClass (*cost_of)(const Request&) = nullptr;
  std::string_view produces = "application/json";  // held against Accept; empty: anything
  QuickHandler quick = nullptr;                    // tried before `handle`, where it is set
};

std::span<const Route> route_table();

struct RouteMatch {
  const Route* route = nullptr;         // null: no such path, or not with this method
  std::vector<std::string> parameters;  // decoded
  std::string allow;                    // methods of the path, for 405 and OPTIONS; empty: 404
};
// HEAD finds the route of GET.
RouteMatch match_route(std::span<const Route> table, Method method, std::string_view raw_path);

}  // namespace tintype
