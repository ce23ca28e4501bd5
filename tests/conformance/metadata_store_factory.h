// How the conformance suite gets a store, and what its parts share.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ports/metadata_store.h"
#include "support/image_builder.h"

namespace tintype::testing {

struct MetadataStoreFactory {
  std::string name;
  // A new, empty store. Its deleter removes what it left behind.
  std::function<std::shared_ptr<MetadataStore>()> make;
  // How much the random tests do: 100 is the default; less for stores behind a network.
  int effort = 100;
};

inline std::string factory_name(const ::testing::TestParamInfo<MetadataStoreFactory>& info) {
  return info.param.name;
}
inline void PrintTo(const MetadataStoreFactory& factory, std::ostream* out) {
  *out << factory.name;
}

class MetadataStoreTest : public ::testing::TestWithParam<MetadataStoreFactory> {
 protected:
  void SetUp() override { store_ = GetParam().make(); }

  MetadataStore& store() { return *store_; }
  int rounds(int full) const { return std::max(1, full * GetParam().effort / 100); }

  ImageMetadata add(const ImageBuilder& builder) {
    ImageMetadata image = builder.build();
    const auto added = store().insert(image, {});
    EXPECT_TRUE(added.ok()) << (added.ok() ? "" : added.error().detail);
    return image;
  }
  ImageMetadata change(ImageMetadata image) {
    auto updated = store().update(image);
    EXPECT_TRUE(updated.ok()) << (updated.ok() ? "" : updated.error().detail);
    return updated.ok() ? *updated : image;
  }
  // The ids of a whole walk, page by page.
  std::vector<ImageId> walk(ImageQuery query) {
    std::vector<ImageId> ids;
    for (int pages = 0; pages < 100'000; ++pages) {
      auto page = store().query(query);
      EXPECT_TRUE(page.ok()) << (page.ok() ? "" : page.error().detail);
      if (!page.ok()) return ids;
      EXPECT_LE(page->images.size(), query.limit);
      for (const auto& image : page->images) ids.push_back(image.image_id);
      if (!page->next) return ids;
      query.after = page->next;
    }
    ADD_FAILURE() << "the walk does not end";
    return ids;
  }
  std::size_t count(const ImageQuery& query) { return walk(query).size(); }

  std::shared_ptr<MetadataStore> store_;
};

inline ImageQuery by_user(std::string user) {
  ImageQuery query;
  query.user_id = std::move(user);
  return query;
}

// Runs `work(thread)` on that many threads at once.
inline void in_parallel(int threads, const std::function<void(int)>& work) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&work, i] { work(i); });
  for (auto& thread : running) thread.join();
}

}  // namespace tintype::testing
