#include "services/image_access.h"

namespace tintype {
namespace {

// Each lost race means that another writer made progress, so as many attempts as there may be
// writers at once (the server's blocking threads) see everyone through. More is a hot record.
constexpr int kMaxAttempts = 128;

Error no_such_image() { return not_found_error("There is no such image."); }
Error in_the_trash() {
  return {ErrorKind::gone, "image_deleted", "The image is in the trash.", {}};
}

}  // namespace

Result<ImageMetadata> find_image(const ServiceContext& context, const ImageId& id) {
  auto image = context.metadata.get(id);
  if (!image.ok() && image.error().is(ErrorKind::not_found)) return no_such_image();
  if (image.ok() && image->status == ImageStatus::purging) return no_such_image();
  return image;
}

Result<void> check_present(const ImageMetadata& image) {
  if (image.status == ImageStatus::purging) return no_such_image();
  if (image.status == ImageStatus::deleted) return in_the_trash();
  return {};
}

Result<ImageMetadata> find_present_image(const ServiceContext& context, const ImageId& id) {
  auto image = TRY(find_image(context, id));
  TRY(check_present(image));
  return image;
}

Result<void> check_active(const ImageMetadata& image) {
  if (image.status == ImageStatus::active) return {};
  if (image.status == ImageStatus::deleted) return in_the_trash();
  return Error{ErrorKind::conflict,
               "not_ready",
               image.status == ImageStatus::failed
                   ? "The upload failed; there is nothing to download."
                   : "The image is still being processed.",
               {}};
}

Result<ImageMetadata> find_active_image(const ServiceContext& context, const ImageId& id) {
  auto image = TRY(find_image(context, id));
  TRY(check_active(image));
  return image;
}

Result<ImageMetadata> change_image(const ServiceContext& context, const ImageId& id,
                                   std::optional<std::int64_t> if_revision,
                                   const ImageChange& change) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    auto image = TRY(find_image(context, id));
    if (if_revision && *if_revision != image.revision) return stale_error();
    if (!TRY(change(image))) return image;
    image.updated_at = context.clock.now();
    auto written = context.metadata.update(image);
    if (written.ok() || !written.error().is(ErrorKind::stale)) return written;
  }
  return unavailable_error("Too many writers at once; try again.");
}

}  // namespace tintype
