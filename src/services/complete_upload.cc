#include "services/complete_upload.h"

#include <functional>
#include <thread>

#include "base/deadline_scope.h"
#include "services/image_access.h"
#include "services/rendition_ladder.h"
#include "services/verify_upload.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;

Error upload_missing() {
  return {ErrorKind::conflict, "upload_missing", "The bytes of the image are not there yet.", {}};
}

// Removes what an image without a future has in the object store. Failures are left to the janitor,
// as is an incoming object that comes back after a power loss.
void remove_bytes(const ServiceContext& context, const ImageMetadata& image) {
  (void)context.objects.discard(incoming_key(image.image_id));
  (void)context.objects.remove_prefix(original_prefix(image));
  remove_renditions(context, image.image_id);
}

// Another completer works on the image: waits until it has finished or given up.
Result<ImageMetadata> wait_for_other(const ServiceContext& context, ImageMetadata image,
                                     Deadline deadline) {
  auto pause = 2ms;
  while (image.status == ImageStatus::processing && !may_be_leased(image, context.clock.now())) {
    if (has_passed(deadline)) return timeout_error("The image is still being processed.");
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, milliseconds(100));
    image = TRY(find_present_image(context, image.image_id));
  }
  return image;
}

// What a completer writes into the record at the end of its work.
using Outcome = std::function<void(ImageMetadata&)>;

// Writes a completer's outcome while its lease is still the one on the record. The owner's changes
// meanwhile (tags, a new description) are kept. When the lease has passed to another completer, or
// the image was deleted, the outcome is dropped.
Result<ImageMetadata> write_outcome(const ServiceContext& context, const ImageMetadata& leased,
                                    const Outcome& outcome) {
  const ImageChange change = [&](ImageMetadata& record) -> Result<bool> {
    if (record.status != ImageStatus::processing || record.lease_until != leased.lease_until)
      return false;
    record.lease_until.reset();
    outcome(record);
    return true;
  };
  // Mostly nobody has changed it since.
  ImageMetadata expected = leased;
  (void)change(expected);
  expected.updated_at = context.clock.now();
  auto written = context.metadata.update(expected);
  if (!written.ok() && written.error().is(ErrorKind::stale))
    written = change_image(context, leased.image_id, std::nullopt, change);
  if (written.ok() && written->status == ImageStatus::deleted)
    return Error{ErrorKind::gone, "image_deleted", "The image is in the trash.", {}};
  return written;
}

Result<ImageMetadata> write_failure(const ServiceContext& context, const ImageMetadata& leased,
                                    const Error& reason) {
  auto written = TRY(write_outcome(context, leased, [&](ImageMetadata& record) {
    record.status = ImageStatus::failed;
    record.failure = Failure{reason.code, reason.detail};
    record.expires_at.reset();
  }));
  if (written.status == ImageStatus::failed) remove_bytes(context, written);
  return written;
}

// Whether nobody will ever want the original that was stored for this outcome. In the trash may be
// what another completer made of the image after our lease had run out: that needs it.
bool is_given_up(const ServiceContext& context, const ImageId& id,
                 const Result<ImageMetadata>& written) {
  if (written.ok()) return written->status == ImageStatus::failed;
  if (written.error().is(ErrorKind::not_found)) return true;
  if (!written.error().is(ErrorKind::gone)) return false;
  const auto image = context.metadata.get(id);
  return image.ok() && image->status == ImageStatus::deleted && !image->facts;
}

// The ladder is stored and the verified bytes get their immutable key, then the record points at
// them. An error of the store leaves the objects: whether the record was written is unknown, and a
// later call finds out.
Result<ImageMetadata> activate(const ServiceContext& context, const ImageMetadata& leased,
                               VerifiedUpload verified) {
  const ImageFacts& facts = verified.examination.facts;
  auto variants = TRY(store_ladder(context, leased.image_id, verified));
  std::string key = original_key(leased);
  TRY(context.objects.duplicate(incoming_key(leased.image_id), key, verified.etag));
  auto written = write_outcome(context, leased, [&](ImageMetadata& record) {
    record.status = ImageStatus::active;
    record.s3_key = key;
    record.content_type = facts.content_type;
    record.sha256 = verified.sha256_hex;
    record.facts = facts;
    record.variants = variants;
    record.expires_at.reset();
  });
  const bool given_up = is_given_up(context, leased.image_id, written);
  if (given_up) (void)context.objects.remove(key);
  // Nobody looks for pictures of what is in the trash.
  const bool in_the_trash = !written.ok() && written.error().is(ErrorKind::gone);
  if (given_up || in_the_trash) remove_renditions(context, leased.image_id);
  if (written.ok() && written->status != ImageStatus::processing)
    (void)context.objects.discard(incoming_key(leased.image_id));
  return written;
}

// The work itself, under the lease.
Result<ImageMetadata> finish_leased(const ServiceContext& context, const ImageMetadata& image,
                                    OpenObject object, Deadline deadline) {
  auto verified = verify_upload(context, image, object, deadline);
  auto result = verified.ok() ? activate(context, image, std::move(*verified))
                              : Result<ImageMetadata>(verified.error());
  if (result.ok()) return result;
  if (result.error().is(ErrorKind::unprocessable))
    return write_failure(context, image, result.error());
  // Not the upload's fault: the lease ends early so that the next call need not wait for it.
  (void)write_outcome(context, image, [](ImageMetadata&) {});
  return result;
}

// There are no bytes: either nobody has sent them yet, or whoever finished the image has removed
// them. Nothing: look again.
Result<std::optional<ImageMetadata>> without_bytes(const ServiceContext& context, const ImageId& id,
                                                   Deadline deadline) {
  auto image = TRY(find_present_image(context, id));
  if (may_be_leased(image, context.clock.now())) return upload_missing();
  image = TRY(wait_for_other(context, std::move(image), deadline));
  if (image.status == ImageStatus::processing) return std::optional<ImageMetadata>();
  return std::optional(std::move(image));
}

// What another one has made of the image, or nothing when it gave up.
Result<std::optional<ImageMetadata>> made_by_other(const ServiceContext& context,
                                                   ImageMetadata image, Deadline deadline) {
  TRY(check_present(image));
  image = TRY(wait_for_other(context, std::move(image), deadline));
  if (image.status == ImageStatus::processing) return std::optional<ImageMetadata>();
  return std::optional(std::move(image));
}

// `stale`: other bytes took the place of those that were verified, and are verified in turn.
// `not_found`: the bytes are gone, as after another completer's success, or the image is; one more
// look tells. Still `processing`: the image was deleted and restored meanwhile, which ended the
// lease.
bool must_look_again(const Result<ImageMetadata>& done, int& losses) {
  if (done.ok()) return done->status == ImageStatus::processing;
  return done.error().is(ErrorKind::stale) ||
         (done.error().is(ErrorKind::not_found) && ++losses == 1);
}

}  // namespace

Result<ImageMetadata> complete_upload(const ServiceContext& context, const ImageId& id,
                                      Deadline deadline) {
  const DeadlineScope scope(deadline);
  int losses = 0;
  while (true) {
    std::optional<ImageMetadata> end;
    auto object = context.objects.open(incoming_key(id));
    if (object.ok()) {
      const Timestamp now = context.clock.now();
      auto lease = context.metadata.take_lease(id, now, now + context.upload.lease);
      if (!lease.ok()) return std::move(lease).error();
      if (!lease->taken) {
        end = TRY(made_by_other(context, std::move(lease->image), deadline));
      } else {
        auto done = finish_leased(context, lease->image, std::move(*object), deadline);
        if (!must_look_again(done, losses)) return done;
      }
    } else if (object.error().is(ErrorKind::not_found)) {
      end = TRY(without_bytes(context, id, deadline));
    } else {
      return std::move(object).error();
    }
    if (end) return std::move(*end);
    if (has_passed(deadline)) return timeout_error("The image is still being processed.");
  }
}

Result<ImageMetadata> fail_upload(const ServiceContext& context, const ImageId& id,
                                  const Failure& failure) {
  auto image =
      TRY(change_image(context, id, std::nullopt, [&](ImageMetadata& record) -> Result<bool> {
        if (record.status != ImageStatus::processing) return false;
        record.status = ImageStatus::failed;
        record.failure = failure;
        record.lease_until.reset();
        record.expires_at.reset();
        return true;
      }));
  if (image.status == ImageStatus::failed) remove_bytes(context, image);
  return image;
}

}  // namespace tintype
