#include "services/create_upload.h"

#include "base/encoding.h"
#include "services/image_access.h"

namespace tintype {
namespace {

ImageMetadata new_record(const ServiceContext& context, const NewImage& wish,
                         const std::optional<ImageId>& id) {
  ImageMetadata image;
  image.upload_timestamp = id ? id->created_at() : context.clock.now();
  image.updated_at = image.upload_timestamp;
  image.image_id = id ? *id : ImageId::generate(image.upload_timestamp, context.random);
  image.user_id = wish.user_id;
  image.filename = wish.filename;
  image.content_type = wish.content_type;
  image.size = wish.size;
  image.declared_sha256 = wish.sha256;
  image.tags = wish.tags;
  image.description = wish.description;
  image.metadata_json = wish.metadata_json;
  image.visibility = wish.visibility;
  image.s3_bucket = context.objects.bucket();
  image.s3_key = incoming_key(image.image_id);
  image.expires_at = context.clock.now() + context.upload.expires_after;
  return image;
}

Result<UploadTicket> presign_put(const ServiceContext& context, const ImageMetadata& image) {
  PresignPut request;
  request.key = incoming_key(image.image_id);  // an original is never written again
  request.content_type = media_type_name(image.content_type);
  request.size = image.size;
  if (image.declared_sha256) request.sha256 = TRY(hex_decode(*image.declared_sha256));
  request.now = context.clock.now();
  request.expires_in = std::chrono::ceil<seconds>(context.upload.url_ttl);
  auto signed_url = TRY(context.objects.presign_put(request));
  return UploadTicket{UploadMethod::put, std::move(signed_url.url), std::move(signed_url.headers),
                      signed_url.expires_at};
}

Result<UploadTicket> presign_post(const ServiceContext& context, const ImageMetadata& image) {
  PresignPost request;
  request.key = incoming_key(image.image_id);  // an original is never written again
  request.content_type = media_type_name(image.content_type);
  request.min_size = request.max_size = image.size;
  request.now = context.clock.now();
  request.expires_in = std::chrono::ceil<seconds>(context.upload.url_ttl);
  auto form = TRY(context.objects.presign_post(request));
  return UploadTicket{UploadMethod::post, std::move(form.url), std::move(form.fields),
                      form.expires_at};
}

Result<UploadTicket> make_ticket(const ServiceContext& context, const ImageMetadata& image,
                                 UploadMethod method) {
  switch (method) {
    case UploadMethod::put: return presign_put(context, image);
    case UploadMethod::post: return presign_post(context, image);
    case UploadMethod::direct: break;
  }
  return UploadTicket{UploadMethod::direct, {}, {}, {}};
}

// The record that an earlier try of the same request has left.
Result<std::optional<ImageMetadata>> made_before(const ServiceContext& context,
                                                 const NewImage& wish,
                                                 const CreateOptions& options) {
  if (!options.repeated || !options.image_id) return std::optional<ImageMetadata>();
  auto image = context.metadata.get(*options.image_id);
  if (!image.ok() && image.error().kind == ErrorKind::not_found)
    return std::optional<ImageMetadata>();
  if (!image.ok()) return std::move(image).error();
  if (image->user_id != wish.user_id)
    return internal_error("an image's id was chosen for two users");
  return std::optional(*std::move(image));
}

// An upload that was begun long ago lasts at least as long as the URL that is signed for it now.
Result<ImageMetadata> prolonged(const ServiceContext& context, ImageMetadata image) {
  const Timestamp now = context.clock.now();
  if (image.expires_at && *image.expires_at >= now + context.upload.url_ttl) return image;
  return change_image(context, image.image_id, std::nullopt,
                      [&](ImageMetadata& upload) -> Result<bool> {
                        if (upload.status != ImageStatus::processing) return false;
                        upload.expires_at = now + context.upload.expires_after;
                        return true;
                      });
}

// What a later try is told of the image that an earlier one made.
Result<CreatedUpload> created_before(const ServiceContext& context, ImageMetadata image,
                                     UploadMethod method) {
  TRY(check_present(image));
  // The bytes are at hand, and completing it says how it went.
  if (method == UploadMethod::direct) return CreatedUpload{std::move(image), false, {}};
  if (image.status == ImageStatus::processing) image = TRY(prolonged(context, std::move(image)));
  if (image.failure)
    return Error{ErrorKind::unprocessable, image.failure->code, image.failure->detail, {}};
  // Nothing is left to upload.
  if (image.status == ImageStatus::active) return CreatedUpload{std::move(image), true, {}};
  TRY(check_present(image));
  UploadTicket ticket = TRY(make_ticket(context, image, method));
  return CreatedUpload{std::move(image), false, std::move(ticket)};
}

}  // namespace

Result<CreatedUpload> create_upload(const ServiceContext& context, const NewImage& wish,
                                    const CreateOptions& options) {
  if (auto made = TRY(made_before(context, wish, options)))
    return created_before(context, *std::move(made), options.method);
  if (wish.sha256 && !options.allow_duplicate) {
    auto known = TRY(context.metadata.find_by_sha256(wish.user_id, *wish.sha256));
    if (known) return CreatedUpload{std::move(*known), true, {}};
  }
  ImageMetadata image = new_record(context, wish, options.image_id);
  // Signing first: a store that cannot sign must not leave a record behind.
  UploadTicket ticket = TRY(make_ticket(context, image, options.method));
  Quota quota{context.limits.max_user_images, context.limits.max_user_bytes};
  auto inserted = context.metadata.insert(image, quota);
  if (!inserted.ok() && inserted.error().is("already_exists")) {
    // The earlier try was slow, not dead.
    if (auto made = TRY(made_before(context, wish, options)))
      return created_before(context, *std::move(made), options.method);
  }
  if (!inserted.ok()) return std::move(inserted).error();
  return CreatedUpload{std::move(image), false, std::move(ticket)};
}

}  // namespace tintype
