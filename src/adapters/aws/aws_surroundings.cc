#include "adapters/aws/aws_surroundings.h"

#include <cstdlib>

namespace tintype {
namespace {

std::optional<std::string> process_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (!value) return std::nullopt;
  return value;
}

}  // namespace

std::string AwsSurroundings::variable(const std::string& name) const {
  return environment(name).value_or("");
}

AwsSurroundings system_surroundings(const Clock& clock, Random& random) {
  auto send = [client = HttpClient()](const HttpRequest& request) { return client.send(request); };
  return {process_variable, process_variable("HOME").value_or(""), send, clock, random, {}};
}

}  // namespace tintype
