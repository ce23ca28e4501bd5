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

}  // namespace tintype
