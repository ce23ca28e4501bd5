// The API's description, embedded at build time from api/openapi.yaml (scripts/embed_api.py).
#pragma once

#include <string_view>

namespace tintype {

std::string_view openapi_json();  // the OpenAPI document
std::string_view docs_html();     // the same as a page for people

}  // namespace tintype
