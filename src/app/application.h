// Application: picks the adapters that the settings ask for and wires everything behind an HttpApi.
// The one place that names an adapter.
#pragma once

#include <memory>
#include <string>

#include "app/settings.h"
#include "base/result.h"
#include "handlers/api.h"
#include "services/service_context.h"

namespace tintype {

enum class BackgroundWork : std::uint8_t {
  yes,  // the janitor, completions that nobody waits for, larger AVIFs
  // Nothing happens but on behalf of a call, and the first imaging worker starts when it is needed:
  // for processes that are frozen between calls, and have to start at once.
  no,
};

class Application {
 public:
  // Opens the stores, starts the imaging workers and the janitor. `public_url` is what links and
  // presigned URLs start with. Errors: one clear sentence on what could not be opened or started.
  static Result<std::unique_ptr<Application>> create(
      const Settings& settings, const std::string& public_url,
      BackgroundWork background = BackgroundWork::yes);
  // Ends the janitor, the background completions and the workers, and closes the stores.
  ~Application();

  HttpApi& api();
  const ServiceContext& services() const;
  // What links start with from now on; what presigned URLs start with stays. No call may be
  // running.
  void set_public_url(const std::string& url);

 private:
  struct Parts;
  explicit Application(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tintype
