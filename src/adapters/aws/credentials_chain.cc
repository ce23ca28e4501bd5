#include "adapters/aws/credentials_chain.h"

#include <algorithm>
#include <exception>

#include "adapters/aws/container_source.h"
#include "adapters/aws/environment_source.h"
#include "adapters/aws/instance_source.h"
#include "adapters/aws/profile_source.h"
#include "adapters/aws/web_identity_source.h"

namespace tintype {
namespace {

using std::chrono::minutes;

constexpr milliseconds kAdvised = minutes(15);
constexpr milliseconds kRequired = minutes(10);
constexpr milliseconds kPauseWithCredentials = seconds(15);
constexpr milliseconds kPauseWithout = seconds(1);
constexpr milliseconds kFresh = seconds(5);

// Half of what remains, for those who can do without.
Deadline half_way(Deadline deadline) {
  const auto now = std::chrono::steady_clock::now();
  return deadline <= now ? deadline : now + (deadline - now) / 2;
}

Error no_credentials(ErrorKind kind, std::string detail) {
  return {kind, std::string(kCredentialsCode), std::move(detail), {}};
}

}  // namespace

CredentialSources standard_sources(const AwsSurroundings& surroundings) {
  CredentialSources out;
  out.push_back(std::make_unique<EnvironmentSource>(surroundings));
  if (surroundings.in_lambda()) return out;
  out.push_back(std::make_unique<WebIdentitySource>(surroundings));
  out.push_back(std::make_unique<ProfileSource>(surroundings));
  out.push_back(std::make_unique<ContainerSource>(surroundings));
  out.push_back(std::make_unique<InstanceSource>(surroundings));
  return out;
}

CredentialsChain::CredentialsChain(CredentialSources sources, const Clock& clock)
    : sources_(std::move(sources)), clock_(clock) {}

Result<AwsCredentials> CredentialsChain::get(Deadline deadline) {
  Lock lock(mutex_);
  while (true) {
    const auto now = clock_.now();
    const Need need = need_at(now);
    if (need == Need::nothing || (need == Need::soon && fetching_)) return *held_;
    const auto pause = need == Need::all ? kPauseWithout : kPauseWithCredentials;
    const bool pausing = pause_from_ && now >= *pause_from_ && now < *pause_from_ + pause;
    if (!fetching_ && pausing) return held_or_error(need);
    const auto patience = need == Need::all ? deadline : half_way(deadline);
    if (!fetching_) return fetch(lock, need, patience);
    if (!landed_.wait_until(lock, patience, [this] { return !fetching_; })) {
      if (need_at(clock_.now()) != Need::all) return *held_;
      return no_credentials(ErrorKind::timeout, "The AWS credentials are still being fetched.");
    }
  }
}

void CredentialsChain::forget() {
  std::lock_guard lock(mutex_);
  const auto age = clock_.now() - fetched_at_;
  if (held_ && (age < milliseconds(0) || age >= kFresh)) refused_ = true;
}

CredentialsChain::Need CredentialsChain::need_at(Timestamp now) const {
  if (!held_) return Need::all;
  const auto expires_at = held_->expires_at.value_or(Timestamp::max());
  if (now >= expires_at) return Need::all;
  if (refused_) return Need::now;
  const auto life = expires_at - fetched_at_;
  if (now >= expires_at - std::min(kRequired, life / 3)) return Need::now;
  if (now >= expires_at - std::min(kAdvised, life / 2)) return Need::soon;
  return Need::nothing;
}

Result<AwsCredentials> CredentialsChain::held_or_error(Need need) const {
  if (need == Need::all) return last_error_;
  return *held_;
}

Result<AwsCredentials> CredentialsChain::fetch(Lock& lock, Need need, Deadline deadline) {
  fetching_ = true;
  lock.unlock();
  auto fetched = walk(deadline);
  lock.lock();
  fetching_ = false;
  remember(fetched, need);
  landed_.notify_all();
  if (fetched.ok()) return fetched;
  return need_at(clock_.now()) == Need::all ? fetched : *held_;
}

void CredentialsChain::remember(const Result<AwsCredentials>& fetched, Need need) {
  if (fetched.ok()) {
    held_ = *fetched;
    fetched_at_ = clock_.now();
    refused_ = false;
    pause_from_.reset();
    return;
  }
  // A time that ran out was this caller's own; those who wait try in turn.
  if (need == Need::all && fetched.error().is(ErrorKind::timeout)) return;
  last_error_ = fetched.error();
  pause_from_ = clock_.now();
}

// Without the catch, a lack of memory would leave the others waiting.
Result<AwsCredentials> CredentialsChain::walk(Deadline deadline) const try {
  std::string reasons;
  for (const auto& source : sources_) {
    auto found = ask(*source, deadline);
    if (found.ok()) return found;
    if (has_passed(deadline))
      return no_credentials(ErrorKind::timeout, "There was no time to get AWS credentials from " +
                                                    source->name() + ".");
    if (!reasons.empty()) reasons += "; ";
    reasons += source->name() + " gave none because " + found.error().detail;
    if (!found.error().is(ErrorKind::not_found)) break;
  }
  return no_credentials(ErrorKind::unavailable, "There are no AWS credentials: " + reasons + ".");
} catch (const std::exception& e) {
  return no_credentials(ErrorKind::unavailable,
                        std::string("AWS credentials cannot be fetched: ") + e.what());
}

Result<AwsCredentials> CredentialsChain::ask(const CredentialSource& source,
                                             Deadline deadline) const {
  auto found = TRY(source.fetch(deadline));
  if (found.expires_at && *found.expires_at <= clock_.now())
    return source_failed("those that it has expired at " + format_rfc3339(*found.expires_at));
  return found;
}

}  // namespace tintype
