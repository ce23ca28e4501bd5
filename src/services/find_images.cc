#include "services/find_images.h"

#include <iterator>

#include "domain/hash_distance.h"
#include "services/image_access.h"

namespace tintype {
namespace {

// Store pages read for one answer; each is bounded by the store.
constexpr int kMaxStorePages = 8;

}  // namespace

Result<ImageList> find_images(const ServiceContext& context, ImageQuery query) {
  if (query.words && !context.metadata.supports_search())
    return Error{ErrorKind::unprocessable,
                 "search_unsupported",
                 "This deployment's metadata store has no word search.",
                 {}};
  ImageList list;
  const std::size_t wanted = query.limit;
  for (int i = 0; i < kMaxStorePages; ++i) {
    query.limit = wanted - list.images.size();
    auto page = TRY(context.metadata.query_shared(query));
    std::move(page.images.begin(), page.images.end(), std::back_inserter(list.images));
    list.next = page.next;
    if (!page.next || list.images.size() >= wanted) break;
    query.after = page.next;
  }
  return list;
}

Result<SimilarTo> similar_to(const ServiceContext& context, const ImageId& id,
                             const std::optional<std::string>& only_user) {
  auto seen = TRY(find_image(context, id));
  if (only_user && seen.user_id != *only_user) return not_found_error("There is no such image.");
  auto image = TRY(find_active_image(context, id));
  if (!image.facts) return SimilarTo{id, {}};
  return SimilarTo{id, parse_perceptual_hash(image.facts->perceptual_hash)};
}

}  // namespace tintype
