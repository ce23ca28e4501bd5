#include "adapters/aws/region.h"

#include "adapters/aws/instance_metadata.h"
#include "adapters/aws/profiles.h"
#include "signing/text.h"

namespace tintype {
namespace {

// It becomes a label of a host name that signed requests go to.
bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == text.npos;
}

Result<std::optional<std::string>> checked(std::string text, std::string_view where) {
  if (!is_region(text))
    return invalid_error("invalid_region", "\"" + sigv4::printable(text) + "\", from " +
                                               std::string(where) + ", is not an AWS region.");
  return std::optional(std::move(text));
}

Result<std::optional<std::string>> region_of_profile(const AwsSurroundings& surroundings) {
  const auto choice = profile_choice(surroundings);
  const auto profiles = load_profiles(choice);
  if (!profiles.ok() && profiles.error().is(ErrorKind::forbidden))
    return std::optional<std::string>();
  if (!profiles.ok())
    return invalid_error("invalid_region",
                         "No AWS region can be read: " + profiles.error().detail + ".");
  const auto profile = profiles->find(choice.name);
  if (profile == profiles->end() || !profile->second.has("region"))
    return std::optional<std::string>();
  return checked(profile->second.setting("region"),
                 "the profile \"" + sigv4::printable(choice.name) + "\"");
}

Error no_region(std::string_view why) {
  std::string detail = "No AWS region is known: set it, or AWS_REGION, or a profile's region";
  if (!why.empty()) detail += " (instance metadata: " + std::string(why) + ")";
  return invalid_error("no_region", detail + ".");
}

Result<std::string> region_of_instance(const AwsSurroundings& surroundings, Deadline deadline) {
  const auto metadata = TRY(InstanceMetadata::open(surroundings, deadline));
  return metadata.get("placement/region", deadline);
}

}  // namespace

Result<std::optional<std::string>> configured_region(const AwsSurroundings& surroundings) {
  if (!surroundings.region.empty()) return checked(surroundings.region, "the settings");
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (auto value = surroundings.variable(name); !value.empty())
      return checked(std::move(value), name);
  if (surroundings.in_lambda()) return std::optional<std::string>();
  return region_of_profile(surroundings);
}

Result<std::string> find_region(const AwsSurroundings& surroundings, Deadline deadline) {
  auto chosen = TRY(configured_region(surroundings));
  if (chosen) return std::move(*chosen);
  if (surroundings.in_lambda()) return no_region("");
  auto region = region_of_instance(surroundings, deadline);
  if (!region.ok()) return no_region(region.error().detail);
  if (!is_region(*region)) return no_region("it answered with something that is no region");
  return region;
}

}  // namespace tintype
