// Idempotency-Key: the same request sent twice has its effect once, and gets the same answer.
#pragma once

#include <functional>
#include <string>

#include "handlers/api_context.h"
#include "handlers/authenticate.h"
#include "handlers/http.h"

namespace tintype {

// A request, and what makes two of them the same beside method, path and query: for a whole body,
// the body.
// The references and the view must outlive the call.
struct RepeatableRequest {
  const Caller& caller;
  const Request& request;
  std::string_view content;
  const Attempt& attempt;  // the first, unless there was one before
};

// Runs `work` under the request's Idempotency-Key, if it has one: replays the stored answer (with
// `Idempotency-Replayed: true`), or runs `work` and stores its answer for 24 hours. An answer that
// invites another try (5xx, 408, 409, 429, or a batch with such results) is not stored, but the ids
// that it chose are.
Response with_idempotency(const ApiContext& context, const RepeatableRequest& repeatable,
                          const std::function<Response(const Attempt&)>& work);

}  // namespace tintype
