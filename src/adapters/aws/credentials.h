// The keys that requests to AWS are signed with, and where they come from.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "signing/sigv4.h"

namespace tintype {

struct AwsCredentials {
  sigv4::Credentials keys;
  std::optional<Timestamp> expires_at;  // nothing: long-lived
};

// The code of every error of a provider, so that those who send know them from the network's.
inline constexpr std::string_view kCredentialsCode = "aws_credentials";

// Thread-safe. May block until the deadline while credentials are fetched.
// Errors: `unavailable` when none can be had now, with one sentence on where they were looked for;
// `timeout`. Their code is kCredentialsCode.
class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;
  virtual Result<AwsCredentials> get(Deadline deadline) = 0;
  // The keys were refused as expired: the next `get` fetches new ones if it can.
  virtual void forget() {}
};

// One pair of keys for good.
class FixedCredentials final : public CredentialsProvider {
 public:
  explicit FixedCredentials(sigv4::Credentials keys) : keys_{std::move(keys), {}} {}
  Result<AwsCredentials> get(Deadline) override { return keys_; }

 private:
  AwsCredentials keys_;
};

}  // namespace tintype
