// Turns a Result<Response> into the Response: errors become problem+json. Lets a handler be written
// with TRY.
#pragma once

#include "handlers/problem.h"

namespace tintype {

inline Response answer(const Request& request, Result<Response> result) {
  if (result.ok()) return std::move(*result);
  return problem_response(result.error(), request.request_id);
}

}  // namespace tintype
