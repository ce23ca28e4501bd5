// What finding credentials and a region touches outside of the program, passed in so that tests
// can replace it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "net/http_client.h"

namespace tintype {

struct AwsSurroundings {
  // An environment variable. Called from any thread.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::string home;  // what `~` stands for; empty: there is no home folder
  // Sends one request, as HttpClient::send does. Called from any thread.
  std::function<Result<HttpResponse>(const HttpRequest& request)> http;
  const Clock& clock;
  Random& random;
  std::string region;  // the setting; empty: what the environment and the profile say

  // A variable's value; empty when there is none. As for the AWS SDKs, empty is not set.
  std::string variable(const std::string& name) const;
  bool in_lambda() const { return !variable("AWS_LAMBDA_FUNCTION_NAME").empty(); }
};

// The real ones: getenv, $HOME and an HttpClient. The references must outlive all copies.
AwsSurroundings system_surroundings(const Clock& clock, Random& random);

}  // namespace tintype
