// Which try of a request this is, and the ids that it gives to the images it makes.
//
// A request with an Idempotency-Key may be sent again after a crash that left its work done and its
// answer lost. Its images get their ids from the seed that the first try left under the key, so
// that a later try finds what is there instead of making it again.
#pragma once

#include <string>

#include "domain/image_id.h"

namespace tintype {

struct Attempt {
  ImageId first_id;       // of the first image that the request makes
  std::string salt;       // random: who is told one id learns nothing of the others
  bool repeated = false;  // an earlier try may have made some of them

  // A first try. The salt is 16 random bytes.
  static Attempt first(ImageId id, Random& random);
  // A later try, with the seed of the one before. Errors: `invalid` for what is no seed.
  static Result<Attempt> again(std::string_view seed);

  // At most 32 bytes.
  std::string seed() const { return std::string(first_id.bytes()) + salt; }
  // The n-th image's id, counted from 0; of the same millisecond as the first.
  ImageId id(std::size_t n) const;
};

}  // namespace tintype
