#include "services/delete_image.h"

#include "services/image_access.h"
#include "services/rendition_ladder.h"

namespace tintype {

Result<ImageMetadata> delete_image(const ServiceContext& context, const ImageId& id,
                                   std::optional<std::int64_t> if_revision) {
  auto deleted = change_image(context, id, if_revision, [&](ImageMetadata& image) -> Result<bool> {
    if (image.status == ImageStatus::deleted) return false;
    image.deleted_from = image.status;
    image.status = ImageStatus::deleted;
    image.lease_until.reset();
    image.deleted_at = context.clock.now();
    image.purge_at = *image.deleted_at + context.trash.retention;
    return true;
  });
  if (deleted.ok()) remove_renditions(context, id);
  return deleted;
}

Result<ImageMetadata> restore_image(const ServiceContext& context, const ImageId& id) {
  return change_image(context, id, std::nullopt, [&](ImageMetadata& image) -> Result<bool> {
    if (image.status != ImageStatus::deleted)
      return Error{ErrorKind::conflict, "not_deleted", "The image is not in the trash.", {}};
    if (image.purge_at && *image.purge_at <= context.clock.now())
      return not_found_error("The image's time in the trash is over.");
    image.status = image.deleted_from.value_or(ImageStatus::active);
    image.deleted_from.reset();
    image.deleted_at.reset();
    image.purge_at.reset();
    return true;
  });
}

Result<void> purge_image(const ServiceContext& context, const ImageId& id,
                         std::optional<std::int64_t> if_revision) {
  auto image =
      TRY(change_image(context, id, if_revision, [](ImageMetadata& record) -> Result<bool> {
        record.status = ImageStatus::purging;
        record.lease_until.reset();
        return true;
      }));
  return finish_purge(context, image);
}

Result<void> finish_purge(const ServiceContext& context, const ImageMetadata& image) {
  TRY(context.objects.remove_prefix(renditions_prefix(image.image_id)));
  TRY(context.objects.remove(incoming_key(image.image_id)));
  TRY(context.objects.remove_prefix(original_prefix(image)));
  auto removed = context.metadata.remove(image.image_id, image.revision);
  if (!removed.ok() && removed.error().is(ErrorKind::not_found)) return {};
  return removed;
}

}  // namespace tintype
