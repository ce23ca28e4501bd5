#include "services/find_images.h"

#include <iterator>

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

}  // namespace tintype
