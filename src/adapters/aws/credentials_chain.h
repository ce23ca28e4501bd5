// CredentialsChain: credentials from the first source that is set up, kept while they are good.
//
// Threading: any thread. At any time one caller at most is fetching, on its own thread.
// Order: the environment; a web identity; the profile; the container endpoint; instance metadata.
// In Lambda the environment alone. A source that is set up and fails ends the walk: going on would
// act with another identity than the one that was configured.
// Time: credentials that expire are fetched anew 15 minutes ahead by one caller, while others go on
// with the old ones; from 10 minutes ahead they wait for it. For those that live for less than half
// an hour, it is half and a third of their life. Nobody who has usable credentials spends more than
// half of the remaining time on it.
// Failure: old credentials are used until they expire, and the next attempt comes after a pause.
// With none, the error of the last attempt holds for a second, so that a storm of callers does not
// wait for the same time-outs one after the other.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "adapters/aws/aws_surroundings.h"
#include "adapters/aws/credential_source.h"

namespace tintype {

using CredentialSources = std::vector<std::unique_ptr<CredentialSource>>;

// The sources in the order above.
CredentialSources standard_sources(const AwsSurroundings& surroundings);

class CredentialsChain final : public CredentialsProvider {
 public:
  // The clock must outlive the chain.
  CredentialsChain(CredentialSources sources, const Clock& clock);
  explicit CredentialsChain(const AwsSurroundings& surroundings)
      : CredentialsChain(standard_sources(surroundings), surroundings.clock) {}

  // Errors: `unavailable`, naming each source that was asked and why it gave nothing; `timeout`.
  Result<AwsCredentials> get(Deadline deadline) override;
  // Ignored within seconds of a fetch: the refused keys were those before.
  void forget() override;

 private:
  enum class Need : std::uint8_t { nothing, soon, now, all };
  using Lock = std::unique_lock<std::mutex>;

  Need need_at(Timestamp now) const;
  Result<AwsCredentials> held_or_error(Need need) const;
  Result<AwsCredentials> fetch(Lock& lock, Need need, Deadline deadline);
  void remember(const Result<AwsCredentials>& fetched, Need need);
  Result<AwsCredentials> walk(Deadline deadline) const;
  Result<AwsCredentials> ask(const CredentialSource& source, Deadline deadline) const;

  const CredentialSources sources_;
  const Clock& clock_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable landed_;
  bool fetching_ = false;
  bool refused_ = false;  // the service called the held ones expired
  std::optional<AwsCredentials> held_;
  Timestamp fetched_at_;
  Error last_error_;
  std::optional<Timestamp> pause_from_;  // when the last attempt failed
};

}  // namespace tintype
