// QueryParams: the parameters of a query string, decoded, each asked for once.
//
//   QueryParams params(request.raw_query);
//   auto user = params.take("user_id");
//   ...
//   params.reject_others(errors);   // typos do not pass silently
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "handlers/http.h"

namespace tintype {

class QueryParams {
 public:
  explicit QueryParams(std::string_view raw_query);

  // The value, or nothing when the parameter is absent. Parameters given twice, and names or values
  // that are not well-formed percent-encoded UTF-8, are errors of reject_others.
  std::optional<std::string> take(std::string_view name);
  // Every parameter whose name `wanted` knows, in order, those given more than once as well.
  std::vector<std::pair<std::string, std::string>> take_all(bool (*wanted)(std::string_view));
  // `true`, `false`, or alone (`?redirect`), which means true. Others go to `errors`.
  std::optional<bool> take_bool(std::string_view name, std::vector<FieldError>& errors);
  // A whole number within the bounds. Others go to `errors`.
  std::optional<std::int64_t> take_integer(std::string_view name, std::int64_t min,
                                           std::int64_t max, std::vector<FieldError>& errors);

  // Adds an error for each parameter that was not taken (`unknown_field`), was given twice
  // (`duplicate_field`) or is ill-formed (`invalid_encoding`).
  void reject_others(std::vector<FieldError>& errors) const;

 private:
  struct Param {
    std::string name;
    std::string value;
    bool taken = false;
  };
  std::vector<Param> params_;
  std::vector<FieldError> malformed_;
};

// For routes that take no parameters at all: the answer to a request that has some, else nothing.
std::optional<Response> refuse_parameters(const Request& request);

}  // namespace tintype
