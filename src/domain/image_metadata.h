// ImageMetadata: everything that Tintype knows about one image. The record of the metadata store.
//
// The members are the fields of the wire contract under the same names, and below them the members
// that never leave the service. All text is valid UTF-8 and has passed domain/validators.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/image_id.h"
#include "domain/media_type.h"

namespace tintype {

enum class ImageStatus : std::uint8_t {
  processing,  // created; the bytes are awaited or being checked
  active,      // verified and served
  failed,      // the upload came to nothing; `failure` says why; there are no bytes
  deleted,     // in the trash until purge_at
  purging,     // hard delete has begun; to clients the image no longer exists
};
std::string_view status_name(ImageStatus status);
// Nothing for an unknown word and for `purging`, which clients never see.
std::optional<ImageStatus> parse_status(std::string_view text);

enum class Visibility : std::uint8_t { private_, public_ };
std::string_view visibility_name(Visibility visibility);
std::optional<Visibility> parse_visibility(std::string_view text);

struct Failure {
  std::string code;  // of the contract's list, e.g. `corrupt_image`
  std::string detail;
  bool operator==(const Failure&) const = default;
};

// What the imaging worker found in the bytes.
struct ImageFacts {
  MediaType content_type = MediaType::jpeg;  // what the bytes are
  std::uint32_t width = 0;                   // pixels, after orientation
  std::uint32_t height = 0;
  std::uint32_t frames = 1;
  std::uint8_t orientation = 1;  // EXIF orientation 1-8 as found
  bool has_alpha = false;
  std::string color_profile;     // e.g. `sRGB`, `Display P3`; empty when unknown
  std::string thumbhash;         // raw bytes; empty until computed
  std::string dominant_color;    // `#rrggbb`; empty until computed
  std::string perceptual_hash;   // 16 hex digits; empty until computed
  std::string exif_json = "{}";  // camera, lens, exposure, ...: an object of the wire format
  std::string location_json;     // GPS: an object of the wire format, empty when there is none
  bool operator==(const ImageFacts&) const = default;
  bool animated() const { return frames > 1; }
};

// One stored rendition of the ladder.
struct Variant {
  std::string name;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  MediaType content_type = MediaType::jpeg;
  std::uint64_t size = 0;
  bool operator==(const Variant&) const = default;
};

struct ImageMetadata {
  ImageId image_id;
  std::string user_id;
  std::string filename;
  MediaType content_type = MediaType::jpeg;  // as declared, then what the bytes are
  std::uint64_t size = 0;                    // bytes; as declared, then verified
  ImageStatus status = ImageStatus::processing;
  std::vector<std::string> tags;
  std::optional<std::string> description;
  std::string metadata_json = "{}";  // a compact JSON object
  Visibility visibility = Visibility::private_;
  std::string s3_bucket;
  std::string s3_key;          // where the original is now
  Timestamp upload_timestamp;  // creation; the millisecond inside image_id
  Timestamp updated_at;
  std::int64_t revision = 1;
  std::optional<std::string> sha256;  // 64 hex digits, once verified
  std::optional<Failure> failure;
  std::optional<Timestamp> deleted_at;
  std::optional<Timestamp> purge_at;
  std::optional<ImageFacts> facts;  // set once verified
  std::vector<Variant> variants;

  // Not on the wire.
  std::optional<std::string> declared_sha256;  // 64 hex digits, as the client promised
  std::optional<Timestamp> expires_at;         // processing: when the upload is given up
  std::optional<Timestamp> lease_until;        // processing: someone is finishing it until then
  std::optional<ImageStatus> deleted_from;     // deleted: what restore goes back to

  bool operator==(const ImageMetadata&) const = default;
};

// What a user's images count against the quota.
struct Usage {
  std::uint64_t images = 0;
  std::uint64_t bytes = 0;
  bool operator==(const Usage&) const = default;
};

// What one record counts: itself and its bytes while they are or may come to be stored, nothing
// once it has failed.
Usage usage_of(const ImageMetadata& image);

// True when the record appears under its tags (and in the search index): while active.
bool is_indexed(const ImageMetadata& image);

// True for an upload that waits to be completed, and that no completer has in its hands at `now`.
bool may_be_leased(const ImageMetadata& image, Timestamp now);

// The next time at which the janitor has to look at the record, or nothing: a processing image at
// its lease's end or its expiry, a deleted one at purge_at, a purging one at once (its updated_at).
std::optional<Timestamp> due_at(const ImageMetadata& image);

// Object keys. `incoming/<id>` is where the client uploads to; the original's key is immutable:
// `originals/<user>/<id>/<name>`, the name reduced to at most 64 bytes of [A-Za-z0-9._-].
std::string incoming_key(ImageId id);
std::string original_key(const ImageMetadata& image);
std::string original_prefix(const ImageMetadata& image);  // `originals/<user>/<id>/`
std::string renditions_prefix(ImageId id);                // `renditions/<id>/`

}  // namespace tintype
