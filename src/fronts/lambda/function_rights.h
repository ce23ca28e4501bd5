// Which function answers what. One artefact is deployed as several functions, each with the rights
// at AWS that its part needs; the setting `lambda.function` says which one a process is.
#pragma once

#include <span>
#include <string_view>

#include "app/settings.h"
#include "handlers/http.h"

namespace tintype {

struct FunctionRights {
  LambdaFunction function = LambdaFunction::all;
  std::span<const std::string_view> routes = {};  // `POST /images`, as the route table has them
  bool uploads = false;                           // events of S3 and SQS
  bool janitor = false;                           // the schedule
};

const FunctionRights& rights_of(LambdaFunction function);

// Whether the function answers a request. Preflights and what is no route at all, any function
// answers as the service does: 204, 404, 405.
bool answers(const FunctionRights& rights, Method method, std::string_view raw_path);

}  // namespace tintype
