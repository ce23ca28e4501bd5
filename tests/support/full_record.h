// A record that leaves no member of ImageMetadata as it is by default.
#pragma once

#include "support/image_builder.h"

namespace tintype::testing {

// A record with every member set to something unusual.
inline ImageMetadata full_record() {
  ImageMetadata image = ImageBuilder()
                            .user("a.user@example.com")
                            .filename("Übung \"1\" 🙂.jpg")
                            .type(MediaType::avif)
                            .size(10'485'760)
                            .tags({"see", "größe", "x_y-z"})
                            .description("line one\nline two '; DROP TABLE images; --")
                            .metadata(R"({"a":[1,2,{"b":"c"}]})")
                            .deleted(kTestEpoch + std::chrono::hours(720))
                            .build();
  image.visibility = Visibility::public_;
  image.revision = 7;
  image.failure = Failure{"corrupt_image", ""};
  image.declared_sha256 = std::string(64, 'b');
  image.expires_at = kTestEpoch + milliseconds(1);
  image.lease_until = kTestEpoch + milliseconds(2);
  image.facts->content_type = MediaType::heic;
  image.facts->frames = 12;
  image.facts->orientation = 6;
  image.facts->has_alpha = true;
  image.facts->thumbhash = std::string("\0\x01\xff\0", 4);
  image.facts->dominant_color = "#a0b1c2";
  image.facts->perceptual_hash = "0123456789abcdef";
  image.facts->location_json = R"({"lat":52.5})";
  image.variants = {{"thumb", 320, 320, MediaType::webp, 12'345},
                    {"with space", 1080, 720, MediaType::avif, 6'000'000'000}};
  return image;
}

}  // namespace tintype::testing
