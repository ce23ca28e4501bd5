// Merges partitions into one list.
#pragma once

#include "adapters/aws/list_source.h"

namespace tintype::dynamodb {

struct MergeLimits {
  std::size_t rows = 0;  // that are wanted
  std::size_t part = 0;  // rows of one request to one partition
  // After that it ends where it is; but each partition is read once, and one is read once more, so
  // that a walk always moves on.
  std::size_t requests = 64;
};

struct Merged {
  std::vector<Row> rows;
  // Where to go on; empty when everything has been read. Rows up to there are all here.
  std::string next;
};

// In order of place, each place once. Errors: the client's.
Result<Merged> merge(Client& client, std::vector<ListSource> sources, bool forward,
                     const MergeLimits& limits);

}  // namespace tintype::dynamodb
