// CredentialSource: one place where AWS credentials may be, and what is asked of all that come
// from outside.
#pragma once

#include <string>
#include <string_view>

#include "adapters/aws/credentials.h"

namespace tintype {

// Threading: any thread; `fetch` blocks until the answer or the deadline, and nothing is kept
// between two calls: files, tokens and services are asked anew.
// Errors: `not_found` when the source is not set up here, so that the next one is worth a look; any
// other kind when it is set up and gave nothing. Either detail is the part of a sentence that says
// why, without a full stop: `AWS_ACCESS_KEY_ID is not set`. It holds no secret: no key, no token,
// no path of a URL.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // For an error's sentence: `the environment`, `the profile "build"`.
  virtual std::string name() const = 0;
  virtual Result<AwsCredentials> fetch(Deadline deadline) const = 0;
};

// The keys, if both are there and all three texts can stand in a header: printable ASCII without
// spaces. Errors: `invalid`.
Result<AwsCredentials> checked_credentials(sigv4::Credentials keys,
                                           std::optional<Timestamp> expires_at);

// True for texts of printable ASCII without spaces, the empty one included.
bool is_visible_ascii(std::string_view text);
// `text` without blanks and line ends at both ends.
std::string_view trim_blanks(std::string_view text);

// The error of a source that is set up and gave nothing.
Error source_failed(std::string reason);

}  // namespace tintype
