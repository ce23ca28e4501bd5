// Requests to the services that hand out credentials: small answers, short waits, a few tries.
#pragma once

#include <functional>

#include "adapters/aws/aws_surroundings.h"

namespace tintype {

struct Patience {
  int tries = 2;
  milliseconds each{1000};  // for one try, within the caller's deadline
};

using WorthAnotherTry = std::function<bool(const HttpResponse&)>;
// 429 and 5xx.
bool is_momentary(const HttpResponse& response);

// The answer to `request`, whose deadline and limit of size are set here. It is sent again after a
// broken connection, a time-out, or an answer that is `worth_another_try`; the last answer is
// returned whatever it is. Errors: those of net/http_client.h, their details naming the server
// alone: paths and queries may be secret.
Result<HttpResponse> send_small(const AwsSurroundings& surroundings, HttpRequest request,
                                Patience patience, Deadline deadline,
                                const WorthAnotherTry& worth_another_try = is_momentary);

}  // namespace tintype
