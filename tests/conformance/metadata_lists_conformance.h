// Conformance of MetadataStore: pages, filters, search and tag counts.
#pragma once

#include <algorithm>
#include <map>
#include <set>

#include "base/encoding.h"
#include "conformance/metadata_store_factory.h"

namespace tintype::testing {

TEST_P(MetadataStoreTest, ListsInBothOrders) {
  std::vector<ImageId> ids;
  for (int i = 0; i < 7; ++i)
    ids.push_back(add(ImageBuilder().at(kTestEpoch + milliseconds(i / 2)).active()).image_id);
  std::sort(ids.begin(), ids.end());
  ImageQuery query = by_user("ann");
  query.limit = 2;
  query.sort = SortOrder::oldest;
  EXPECT_EQ(walk(query), ids);
  query.user_id.reset();
  EXPECT_EQ(walk(query), ids);
  std::reverse(ids.begin(), ids.end());
  query.sort = SortOrder::newest;
  EXPECT_EQ(walk(query), ids);
  query.user_id = "ann";
  EXPECT_EQ(walk(query), ids);
}

TEST_P(MetadataStoreTest, AFullLastPageHasNoNext) {
  for (int i = 0; i < 4; ++i) add(ImageBuilder().tags({"cat"}).active());
  for (const bool tagged : {false, true}) {
    ImageQuery query = by_user("ann");
    if (tagged) query.tags = {"cat"};
    query.limit = 4;
    const auto page = store().query(query);
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->images.size(), 4u);
    EXPECT_FALSE(page->next.has_value());
  }
  EXPECT_FALSE(store().query(by_user("nobody"))->next.has_value());
}

TEST_P(MetadataStoreTest, DatesAreInclusive) {
  for (int i = 0; i < 5; ++i) add(ImageBuilder().at(kTestEpoch + milliseconds(i)).active());
  for (const SortOrder sort : {SortOrder::newest, SortOrder::oldest}) {
    ImageQuery query;
    query.sort = sort;
    query.limit = 2;
    query.start_date = kTestEpoch + milliseconds(1);
    query.end_date = kTestEpoch + milliseconds(3);
    EXPECT_EQ(count(query), 3u);
    query.end_date = kTestEpoch;
    EXPECT_EQ(count(query), 0u);
    query.start_date.reset();
    EXPECT_EQ(count(query), 1u);
  }
}

TEST_P(MetadataStoreTest, StatusChangesMoveBetweenLists) {
  ImageMetadata image = add(ImageBuilder().tags({"cat"}));
  ImageQuery active = by_user("ann");
  active.tags = {"cat"};
  ImageQuery processing = active;
  processing.status = ImageStatus::processing;
  EXPECT_EQ(count(active), 0u);
  EXPECT_EQ(count(processing), 1u) << "tags filter other states too";
  image.status = ImageStatus::active;
  image = change(image);
  EXPECT_EQ(count(active), 1u);
  EXPECT_EQ(count(processing), 0u);
  image.tags = {"dog"};
  image = change(image);
  EXPECT_EQ(count(active), 0u);
  EXPECT_EQ(*store().tag_counts({}), (std::vector<TagCount>{{"dog", 1}}));
}

TEST_P(MetadataStoreTest, TagCountsAreOrderedAndPrefixed) {
  add(ImageBuilder().tags({"b", "cat", "car"}).active());
  add(ImageBuilder().tags({"cat", "größe"}).active());
  add(ImageBuilder().user("bob").tags({"cat", "a"}).active());
  add(ImageBuilder().tags({"cat", "hidden"}));
  const std::vector<TagCount> all = {{"cat", 3}, {"a", 1}, {"b", 1}, {"car", 1}, {"größe", 1}};
  EXPECT_EQ(*store().tag_counts({}), all);
  EXPECT_EQ(*store().tag_counts({.user_id = "ann", .prefix = "ca"}),
            (std::vector<TagCount>{{"cat", 2}, {"car", 1}}));
  EXPECT_EQ(*store().tag_counts({.prefix = "grö"}), (std::vector<TagCount>{{"größe", 1}}));
  EXPECT_EQ(*store().tag_counts({.limit = 1}), (std::vector<TagCount>{{"cat", 3}}));
  EXPECT_TRUE(store().tag_counts({.user_id = "nobody"})->empty());
  EXPECT_TRUE(store().tag_counts({.prefix = "catx"})->empty());
}

TEST_P(MetadataStoreTest, FindsWords) {
  ImageQuery query;
  query.words = "anything";
  if (!store().supports_search()) {
    EXPECT_EQ(store().query(query).error().code, "search_unsupported");
    return;
  }
  const auto image = add(ImageBuilder()
                             .filename("IMG_2024-beach.jpg")
                             .tags({"holiday"})
                             .description("Ein schöner Tag am Meer: МОСКВА")
                             .active());
  add(ImageBuilder().user("bob").filename("x.jpg").description("Tag").active());
  const auto hits = [&](std::string words, std::optional<std::string> user = "ann") {
    query.words = std::move(words);
    query.user_id = std::move(user);
    return count(query);
  };
  for (const char* words :
       {"schöner", "SCHONER meer", "holiday beach tag", "img_2024", "2024-beach.jpg", "москва",
        "tag !!!", "  tag\tmeer  ", "\"tag\"", "beach.jpg Meer:"})
    EXPECT_EQ(hits(words), 1u) << words;
  for (const char* words :
       {"sch", "schöner bob", "beach-2024", "", "!!!", "description", "tag OR nothing", "tag*x",
        "NEAR(tag meer)", "filename:img", "owner", "-tag nothing", "meer AND NOT"})
    EXPECT_EQ(hits(words), 0u) << words;
  EXPECT_EQ(hits("tag", std::nullopt), 2u);
  EXPECT_EQ(hits("tag", "bob"), 1u);
  ImageMetadata changed = image;
  changed.description = "A quiet forest";
  changed = change(changed);
  EXPECT_EQ(hits("meer"), 0u);
  EXPECT_EQ(hits("forest beach"), 1u);
  changed.status = ImageStatus::deleted;
  change(changed);
  EXPECT_EQ(hits("forest"), 0u);
}

TEST_P(MetadataStoreTest, FindsSimilarImages) {
  const auto reference = add(ImageBuilder().active().looks("00000000ffff0000"));
  const auto same = add(ImageBuilder().active().looks("00000000ffff0000").tags({"cat"}));
  const auto near = add(ImageBuilder().active().looks("03ff00000000ffff").tags({"cat"}));
  auto ten = add(ImageBuilder().active().looks("80010003ff0f0801"));
  add(ImageBuilder().active().looks("80010003ff0f0803"));
  add(ImageBuilder().active());
  add(ImageBuilder().looks("00000000ffff0000"));
  const auto bobs = add(ImageBuilder().user("bob").active().looks("00000000ffff0001"));
  ImageQuery query = by_user("ann");
  query.similar_to = SimilarTo{reference.image_id, 0x00000000FFFF0000};
  const auto found = [&](std::vector<ImageId> wanted) {
    std::sort(wanted.begin(), wanted.end());
    auto ids = walk(query);
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(ids, wanted);
  };
  found({same.image_id, ten.image_id});
  query.user_id.reset();
  found({same.image_id, ten.image_id, bobs.image_id});
  query.tags = {"cat"};
  found({same.image_id});
  query.tags.clear();
  ten.status = ImageStatus::deleted;
  ten = change(ten);
  found({same.image_id, bobs.image_id});
  query.status = ImageStatus::deleted;
  found({ten.image_id});
  query.status = ImageStatus::active;
  ten.status = ImageStatus::active;
  ten = change(ten);
  found({same.image_id, ten.image_id, bobs.image_id});
  ten.facts->perceptual_hash = "03ff00000000fffe";
  ten = change(ten);
  found({same.image_id, bobs.image_id});
  query.similar_to = SimilarTo{ten.image_id, 0x03FF00000000FFFE};
  found({near.image_id});
  ASSERT_TRUE(store().remove(near.image_id, near.revision).ok());
  found({});
  query.similar_to = SimilarTo{ten.image_id, {}};
  found({});
}

// Random queries over random images, while others come, go and change: each image that matched all
// the time is there exactly once, in order, and none that never matched.
class ListModel {
 public:
  explicit ListModel(std::uint64_t seed) : random_(seed) {}

  ImageBuilder random_image() {
    ImageBuilder builder;
    builder.at(kTestEpoch + milliseconds(random_.below(40)));
    builder.user(random_.below(3) == 0 ? "bob" : "ann").size(1 + random_.below(10));
    builder.type(random_.below(2) == 0 ? MediaType::png : MediaType::jpeg);
    builder.tags(random_tags(4)).description(random_.below(2) == 0 ? "sea and sand" : "sand");
    if (random_.below(5) != 0) builder.active();
    if (random_.below(4) != 0) builder.looks(random_hash());
    return builder;
  }
  // One of two pictures, or what became of it.
  std::string random_hash() {
    std::uint64_t hash = random_.below(2) == 0 ? kPicture : ~kPicture;
    for (std::uint64_t flips = random_.below(16); flips > 0; --flips)
      hash ^= std::uint64_t{1} << random_.below(64);
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(hash >> shift);
    return hex_encode(bytes);
  }
  std::vector<std::string> random_tags(std::uint64_t most) {
    std::vector<std::string> tags;
    for (std::uint64_t i = random_.below(most + 1); i > 0; --i) {
      std::string tag(1, static_cast<char>('a' + random_.below(5)));
      if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
    }
    return tags;
  }
  ImageQuery random_query(bool search) {
    ImageQuery query;
    if (random_.below(3) != 0) query.user_id = "ann";
    if (random_.below(2) == 0) query.tags = random_tags(3);
    if (random_.below(2) == 0) query.tags_match = TagsMatch::any;
    if (random_.below(4) == 0) query.content_type = MediaType::png;
    if (random_.below(4) == 0) query.min_size = 3;
    if (random_.below(4) == 0) query.max_size = 7;
    if (random_.below(4) == 0) query.start_date = kTestEpoch + milliseconds(random_.below(20));
    if (random_.below(4) == 0) query.end_date = kTestEpoch + milliseconds(10 + random_.below(30));
    if (random_.below(6) == 0) query.status = ImageStatus::processing;
    else if (search && random_.below(4) == 0) query.words = "sea";
    if (random_.below(3) == 0) query.similar_to = SimilarTo{ImageId(), kPicture};
    if (random_.below(2) == 0) query.sort = SortOrder::oldest;
    query.limit = 1 + random_.below(9);
    return query;
  }
  SeededRandom& random() { return random_; }

 private:
  static constexpr std::uint64_t kPicture = 0x5A17C3F00F3C69E1;
  SeededRandom random_;
};

inline bool model_matches(const ImageQuery& query, const ImageMetadata& image) {
  return matches(query, image) && (!query.words || image.description == "sea and sand");
}

TEST_P(MetadataStoreTest, PagesWhileImagesComeAndGo) {
  ListModel model(7);
  std::map<ImageId, ImageMetadata> images;
  const auto add_one = [&] {
    const ImageMetadata image = add(model.random_image());
    images[image.image_id] = image;
  };
  const auto change_one = [&] {
    auto it = images.begin();
    std::advance(it, model.random().below(images.size()));
    if (model.random().below(3) == 0) {
      ASSERT_TRUE(store().remove(it->first, it->second.revision).ok());
      images.erase(it);
      return;
    }
    ImageMetadata image = it->second;
    if (model.random().below(2) == 0) image.tags = model.random_tags(4);
    else
      image.status =
          image.status == ImageStatus::active ? ImageStatus::processing : ImageStatus::active;
    it->second = change(image);
  };
  for (int i = 0; i < 120; ++i) add_one();
  for (int round = 0; round < rounds(150); ++round) {
    ImageQuery query = model.random_query(store().supports_search());
    std::set<ImageId> stable, ever;
    for (const auto& [id, image] : images)
      if (model_matches(query, image)) stable.insert(id), ever.insert(id);
    std::vector<ListPosition> seen;
    for (int pages = 0;; ++pages) {
      ASSERT_LT(pages, 1000) << "the walk does not end";
      const auto page = store().query(query);
      ASSERT_TRUE(page.ok()) << page.error().detail;
      for (const auto& image : page->images) {
        EXPECT_EQ(image, images[image.image_id]);
        EXPECT_TRUE(model_matches(query, image));
        seen.push_back(position_of(image));
      }
      if (!page->next) break;
      query.after = page->next;
      for (std::uint64_t n = model.random().below(12); n > 9; --n) {
        if (model.random().below(2) == 0) add_one();
        else change_one();
        for (auto it = stable.begin(); it != stable.end();)
          it = images.contains(*it) && model_matches(query, images[*it]) ? std::next(it)
                                                                         : stable.erase(it);
        for (const auto& [id, image] : images)
          if (model_matches(query, image)) ever.insert(id);
      }
    }
    for (std::size_t i = 1; i < seen.size(); ++i)
      EXPECT_TRUE(query.sort == SortOrder::newest ? seen[i] < seen[i - 1] : seen[i - 1] < seen[i]);
    std::set<ImageId> listed;
    for (const auto& position : seen) listed.insert(position.image_id);
    EXPECT_TRUE(std::includes(listed.begin(), listed.end(), stable.begin(), stable.end()))
        << filter_fingerprint(query);
    EXPECT_TRUE(std::includes(ever.begin(), ever.end(), listed.begin(), listed.end()));
    if (HasFailure()) return;
  }
  std::map<std::string, Usage> usage;
  std::map<std::string, std::uint64_t> tags;
  for (const auto& [id, image] : images) {
    usage[image.user_id].images += usage_of(image).images;
    usage[image.user_id].bytes += usage_of(image).bytes;
    if (is_indexed(image))
      for (const auto& tag : image.tags) ++tags[tag];
  }
  for (const auto& [user, sum] : usage) EXPECT_EQ(*store().usage(user), sum);
  const auto counts = store().tag_counts({});
  ASSERT_EQ(counts->size(), tags.size());
  for (const auto& [tag, n] : *counts) EXPECT_EQ(n, tags[tag]) << tag;
}

}  // namespace tintype::testing
