#include "ports/metadata_store.h"

namespace tintype {

Result<SharedImagePage> MetadataStore::query_shared(const ImageQuery& query) {
  auto page = TRY(this->query(query));
  SharedImagePage shared;
  shared.next = page.next;
  shared.images.reserve(page.images.size());
  for (auto& image : page.images)
    shared.images.push_back(std::make_shared<const ImageMetadata>(std::move(image)));
  return shared;
}

Result<LeaseAttempt> MetadataStore::take_lease(const ImageId& id, Timestamp now, Timestamp until) {
  while (true) {
    auto image = TRY(get(id));
    if (!may_be_leased(image, now)) return LeaseAttempt{false, std::move(image)};
    image.lease_until = until;
    auto leased = update(image);
    if (leased.ok()) return LeaseAttempt{true, std::move(*leased)};
    if (!leased.error().is(ErrorKind::stale)) return std::move(leased).error();
  }
}

}  // namespace tintype
