// Which AWS region to talk to.
#pragma once

#include <optional>
#include <string>

#include "adapters/aws/aws_surroundings.h"

namespace tintype {

// What was chosen: the setting, else AWS_REGION, else AWS_DEFAULT_REGION, else the profile's
// `region` (outside Lambda). Errors: `invalid` with code `invalid_region` for a text that cannot be
// part of a host name, and for files of profiles that make no sense.
Result<std::optional<std::string>> configured_region(const AwsSurroundings& surroundings);

// The same, and where nothing was chosen the one that the EC2 instance runs in (not asked in
// Lambda). May block until the deadline. Errors: also `invalid` with code `no_region`, saying how
// to choose one.
Result<std::string> find_region(const AwsSurroundings& surroundings, Deadline deadline);

}  // namespace tintype
