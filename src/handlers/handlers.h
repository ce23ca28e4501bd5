// The endpoints, one function each, one file each. CONTRACT of each: api/openapi.yaml.
//
// A handler gets a request that its route has admitted: method, path, length and type of the body
// fit, and the caller may do this. It answers with a Response in every case.
#pragma once

#include "handlers/routes.h"

namespace tintype {

Response create_handler(const ApiContext&, const Caller&, const Request&);
SinkOrResponse open_form_upload(const ApiContext&, const Caller&, const Request&);
Response complete_handler(const ApiContext&, const Caller&, const Request&);
Response list_handler(const ApiContext&, const Caller&, const Request&);
Response get_handler(const ApiContext&, const Caller&, const Request&);
Response update_handler(const ApiContext&, const Caller&, const Request&);
Response download_handler(const ApiContext&, const Caller&, const Request&);
Response rendition_handler(const ApiContext&, const Caller&, const Request&);
std::optional<Response> quick_rendition(const ApiContext&, const Caller&, const Request&);
Response delete_handler(const ApiContext&, const Caller&, const Request&);
Response restore_handler(const ApiContext&, const Caller&, const Request&);
Response batch_handler(const ApiContext&, const Caller&, const Request&);
Response tags_handler(const ApiContext&, const Caller&, const Request&);
Response usage_handler(const ApiContext&, const Caller&, const Request&);
Response healthz_handler(const ApiContext&, const Caller&, const Request&);
Response readyz_handler(const ApiContext&, const Caller&, const Request&);
Response openapi_handler(const ApiContext&, const Caller&, const Request&);
Response docs_handler(const ApiContext&, const Caller&, const Request&);

// The embedded object URLs.
Response get_object_handler(const ApiContext&, const Caller&, const Request&);
SinkOrResponse open_object_put(const ApiContext&, const Caller&, const Request&);
SinkOrResponse open_object_post(const ApiContext&, const Caller&, const Request&);

}  // namespace tintype
