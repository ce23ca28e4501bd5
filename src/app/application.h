// Application: picks the adapters that the settings ask for and wires everything behind an HttpApi.
// The one place that names an adapter.
#pragma once

#include <memory>
#include <string>

#include "app/settings.h"
#include "base/result.h"
#include "handlers/api.h"

namespace tintype {

class Application {
 public:
  // Opens the stores, starts the imaging workers and the janitor. `public_url` is what links and
  // presigned URLs start with. Errors: one clear sentence on what could not be opened or started.
  static Result<std::unique_ptr<Application>> create(const Settings& settings,
                                                     const std::string& public_url);
  // Ends the janitor, the background completions and the workers, and closes the stores.
  ~Application();

  HttpApi& api();

 private:
  struct Parts;
  explicit Application(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tintype
