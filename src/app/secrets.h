// The deployment's secrets in embedded mode: made at the first start, kept in the data folder.
#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "signing/sigv4.h"

namespace tintype {

struct Secrets {
  std::string cursor_secret;              // 32 raw bytes: authenticates list cursors
  sigv4::Credentials object_credentials;  // signs and verifies embedded object URLs
};

// Reads `<data>/secrets.json`, or makes it (mode 0600, written whole or not at all, durable).
// Whoever reads the file can sign URLs to every image. Errors: `internal` when it cannot be read or
// written or makes no sense; it is never overwritten.
Result<Secrets> load_or_create_secrets(const std::string& data_folder, Random& random);

}  // namespace tintype
