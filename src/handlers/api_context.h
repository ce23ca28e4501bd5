// ApiContext: what the handlers work with.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "handlers/deployment_secret.h"
#include "handlers/http.h"
#include "handlers/image_memo.h"
#include "handlers/rendition_memo.h"
#include "services/renditions.h"
#include "services/service_context.h"
#include "signing/sigv4.h"

namespace tintype {

enum class AuthenticationMode : std::uint8_t { none, keys, jwt };

struct ApiConfig {
  std::string public_url;  // what links start with, without a trailing slash
  DeploymentSecret cursor_secret;
  AuthenticationMode authentication = AuthenticationMode::none;
  std::vector<std::string> cors_origins;  // exact origins, or `*` alone
  bool log_requests = true;
  // The key that the embedded object URLs are signed with; without one there are no such URLs.
  std::optional<sigv4::Credentials> object_credentials;
  // How the image workers are confined, for /readyz: `active`, `off` or `refused: ` and why.
  std::string sandbox = "off";
};

inline constexpr std::size_t kImageMemoBytes = 4 * 1024 * 1024;

struct ApiContext {
  const ServiceContext& services;
  ApiConfig config;
  // Told when bytes have arrived at an embedded object URL, to complete the upload in the
  // background.
  std::function<void(const ImageId&)> on_uploaded = [](const ImageId&) {};
  std::shared_ptr<ImageMemo> image_memo = std::make_shared<ImageMemo>(kImageMemoBytes);
  std::shared_ptr<RenditionMemo> rendition_memo = std::make_shared<RenditionMemo>();
  std::shared_ptr<Renditions> renditions = std::make_shared<Renditions>(services.renditions);
};

// How long a request may wait for work on an image; one without a body from its arrival on, be it
// for a thread or for a worker.
inline constexpr seconds kRequestBudget{50};
inline Deadline work_deadline(const Request& request) {
  return std::min(deadline_in(kRequestBudget), request.deadline);
}

}  // namespace tintype
