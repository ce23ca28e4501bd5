// problem+json (RFC 9457): how every error outside the object URLs is answered.
#pragma once

#include <string>
#include <string_view>

#include "handlers/http.h"

namespace tintype {

// What the client is told of an error. One that is for the operator goes to the log as it is, and
// the client gets a sentence that names nothing, and the request id to ask for it.
Error public_error(const Error& error, std::string_view request_id);

// The answer for an error, as `public_error` has it.
Response problem_response(const Error& error, std::string_view request_id);
// The same with a status that no ErrorKind stands for (405, 406, 408, 411, 431, ...).
Response problem_response(int status, std::string_view code, std::string_view detail,
                          std::string_view request_id);

// The problem object alone, as a member of a batch's results.
void append_problem(std::string& out, int status, const Error& error, std::string_view request_id);

// The reason phrase of a status (RFC 9110 §15).
std::string_view reason_phrase(int status);

}  // namespace tintype
