// Which try of a request this is, and the ids that it gives to the images it makes.
//
// A request with an Idempotency-Key may be sent again after a crash that left its work done and its
// answer lost. Its images get their ids from the seed that the first try left under the key, so
// that a later try finds what is there instead of making it again.
#pragma once

#include "domain/image_id.h"

namespace tintype {

struct Attempt {
  ImageId first_id;       // of the first image that the request makes
  bool repeated = false;  // an earlier try may have made some of them

  // The n-th image's id, counted from 0; of the same millisecond as the first.
  ImageId id(std::size_t n) const;
};

}  // namespace tintype
