#include "handlers/api_document.h"
#include "handlers/handlers.h"
#include "handlers/query_params.h"
#include "handlers/response.h"

namespace tintype {

Response openapi_handler(const ApiContext&, const Caller&, const Request& request) {
  if (auto refusal = refuse_parameters(request)) return std::move(*refusal);
  Response response = json_response(200, std::string(openapi_json()));
  response.set("Cache-Control", "public, max-age=300");
  return response;
}

Response docs_handler(const ApiContext&, const Caller&, const Request& request) {
  if (auto refusal = refuse_parameters(request)) return std::move(*refusal);
  Response response;
  response.set("Content-Type", "text/html; charset=utf-8");
  response.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  response.set("Cache-Control", "public, max-age=300");
  response.body = std::string(docs_html());
  return response;
}

}  // namespace tintype
