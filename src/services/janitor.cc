#include "services/janitor.h"

#include <functional>

#include "services/complete_upload.h"
#include "services/delete_image.h"

namespace tintype {
namespace {

constexpr std::size_t kBatch = 100;

Deadline completion_deadline(const ServiceContext& context) {
  return deadline_in(context.upload.background_timeout);
}

// An upload whose lease or time ran out. Bytes that have arrived get their chance first.
void settle_upload(const ServiceContext& context, const ImageMetadata& image,
                   JanitorReport& report) {
  auto done = complete_upload(context, image.image_id, completion_deadline(context));
  if (done.ok()) {
    ++report.completed;
    return;
  }
  bool expired = image.expires_at && *image.expires_at <= context.clock.now();
  if (done.error().is("upload_missing") && expired) {
    auto failed = fail_upload(context, image.image_id,
                              {"upload_expired", "The bytes were not uploaded in time."});
    failed.ok() ? ++report.expired : ++report.errors;
    return;
  }
  if (done.error().is("upload_missing") && image.lease_until) {
    // The completer died before the upload did; without the lease the expiry counts again.
    ImageMetadata unleased = image;
    unleased.lease_until.reset();
    if (context.metadata.update(unleased).ok()) return;
  }
  ++report.errors;
}

void settle(const ServiceContext& context, const ImageMetadata& image, JanitorReport& report) {
  Result<void> purged;
  switch (image.status) {
    case ImageStatus::processing: settle_upload(context, image, report); return;
    case ImageStatus::deleted: purged = purge_image(context, image.image_id, image.revision); break;
    case ImageStatus::purging: purged = finish_purge(context, image); break;
    case ImageStatus::active:
    case ImageStatus::failed: return;
  }
  // Restored or removed by someone else since it was read: nothing is left to do.
  bool moot = !purged.ok() &&
              (purged.error().is(ErrorKind::stale) || purged.error().is(ErrorKind::not_found));
  if (purged.ok()) ++report.purged;
  else if (!moot) ++report.errors;
}

// Calls `visit` with every record that is `processing`, oldest first, until it fails.
Result<void> each_processing(const ServiceContext& context, const std::atomic<bool>& stop,
                             const std::function<Result<void>(const ImageMetadata&)>& visit) {
  ImageQuery query;
  query.status = ImageStatus::processing;
  query.sort = SortOrder::oldest;
  query.limit = kBatch;
  while (!stop) {
    auto page = TRY(context.metadata.query(query));
    for (const auto& image : page.images) {
      if (stop) return {};
      TRY(visit(image));
    }
    if (!page.next) return {};
    query.after = page.next;
  }
  return {};
}

}  // namespace

Result<JanitorReport> run_due(const ServiceContext& context, const std::atomic<bool>& stop) {
  JanitorReport report;
  while (!stop) {
    auto due = TRY(context.metadata.due(context.clock.now(), kBatch));
    std::size_t errors_before = report.errors;
    for (const auto& image : due) {
      if (stop) return report;
      settle(context, image, report);
    }
    // Records that failed are due still: going on now would take the same ones again.
    if (due.size() < kBatch || report.errors > errors_before) break;
  }
  TRY(context.metadata.forget_idempotent(context.clock.now()));
  return report;
}

Result<std::size_t> release_leases(const ServiceContext& context) {
  const std::atomic<bool> never{false};
  std::size_t released = 0;
  TRY(each_processing(context, never, [&](ImageMetadata image) -> Result<void> {
    if (!image.lease_until) return {};
    image.lease_until.reset();
    TRY(context.metadata.update(image));
    ++released;
    return {};
  }));
  return released;
}

Result<JanitorReport> complete_arrived(const ServiceContext& context,
                                       const std::atomic<bool>& stop) {
  JanitorReport report;
  TRY(each_processing(context, stop, [&](const ImageMetadata& image) -> Result<void> {
    bool leased = image.lease_until && *image.lease_until > context.clock.now();
    if (leased || !context.objects.head(incoming_key(image.image_id)).ok()) return {};
    auto done = complete_upload(context, image.image_id, completion_deadline(context));
    done.ok() ? ++report.completed : ++report.errors;
    return {};
  }));
  return report;
}

}  // namespace tintype
