#include "services/update_image.h"

#include "services/image_access.h"

namespace tintype {
namespace {

void apply(const ImagePatch& patch, ImageMetadata& image) {
  if (patch.filename) image.filename = *patch.filename;
  if (patch.tags) image.tags = *patch.tags;
  if (patch.description) image.description = *patch.description;
  if (patch.metadata_json) image.metadata_json = *patch.metadata_json;
  if (patch.visibility) image.visibility = *patch.visibility;
}

}  // namespace

Result<ImageMetadata> update_image(
    const ServiceContext& context, const ImageId& id, std::optional<std::int64_t> if_revision,
    const std::function<Result<ImagePatch>(const ImageMetadata&)>& patch) {
  return change_image(context, id, if_revision, [&](ImageMetadata& image) -> Result<bool> {
    if (image.status == ImageStatus::deleted)
      return Error{ErrorKind::gone, "image_deleted", "The image is in the trash.", {}};
    ImageMetadata before = image;
    apply(TRY(patch(image)), image);
    return !(image == before);
  });
}

}  // namespace tintype
