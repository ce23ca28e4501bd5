#include "imaging/memory_estimate.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

ImageFacts facts_of(MediaType type, std::uint32_t width, std::uint32_t height,
                    std::uint32_t frames = 1) {
  ImageFacts facts;
  facts.content_type = type;
  facts.width = width;
  facts.height = height;
  facts.frames = frames;
  return facts;
}

RenditionSpec spec_of(MediaType format, std::uint32_t width) {
  RenditionSpec spec;
  spec.width = width;
  spec.format = format;
  spec.quality = 80;
  spec.animated = false;
  return spec;
}

std::uint64_t megabytes(const ImageFacts& facts, const RenditionSpec& spec) {
  return estimate_render(facts, {spec}) / kMiB;
}

TEST(MemoryEstimate, is_small_for_small_pictures) {
  EXPECT_LT(megabytes(facts_of(MediaType::jpeg, 640, 480), spec_of(MediaType::webp, 320)), 32u);
}

struct Seen {
  ImageFacts facts;
  RenditionSpec spec;
  std::uint64_t megabytes;
};

TEST(MemoryEstimate, covers_what_was_seen_without_exaggeration) {
  const Seen all[] = {
      {facts_of(MediaType::jpeg, 6000, 4000), spec_of(MediaType::jpeg, 512), 85},  // progressive
      {facts_of(MediaType::jpeg, 6000, 4000), spec_of(MediaType::avif, 2048), 94},
      {facts_of(MediaType::png, 4000, 3000), spec_of(MediaType::avif, 2048), 152},
      {facts_of(MediaType::webp, 4000, 3000), spec_of(MediaType::webp, 2048), 188},
      {facts_of(MediaType::webp, 4000, 3000), spec_of(MediaType::jpeg, 512), 116},
      {facts_of(MediaType::avif, 4000, 3000), spec_of(MediaType::png, 512), 197},
      {facts_of(MediaType::gif, 1600, 1200), spec_of(MediaType::gif, 2048), 92},
  };
  for (const auto& seen : all) {
    auto predicted = megabytes(seen.facts, seen.spec);
    EXPECT_GE(predicted, seen.megabytes);
    EXPECT_LT(predicted, 3 * seen.megabytes);
  }
}

TEST(MemoryEstimate, names_the_parameters_of_results_that_cannot_be_made) {
  const auto facts = facts_of(MediaType::jpeg, 8000, 8000);
  auto refused = check_results(facts, {spec_of(MediaType::avif, 8000)}, 2048 * kMiB);
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().is(ErrorKind::invalid));
  EXPECT_EQ(refused.error().fields.size(), 3u);
  EXPECT_TRUE(check_results(facts, {spec_of(MediaType::jpeg, 8000)}, 2048 * kMiB).ok());
  EXPECT_TRUE(check_results(facts, {spec_of(MediaType::avif, 4000)}, 2048 * kMiB).ok());
  // One of a ladder is enough.
  EXPECT_FALSE(check_results(facts, {spec_of(MediaType::jpeg, 10), spec_of(MediaType::avif, 8000)},
                             2048 * kMiB)
                   .ok());
}

TEST(MemoryEstimate, counts_the_rows_that_the_filter_reaches_over) {
  auto sliver = spec_of(MediaType::jpeg, 100);
  sliver.height = 1;
  sliver.fit = Fit::fill;
  EXPECT_GE(megabytes(facts_of(MediaType::jpeg, 3000, 32768), sliver), 574u);  // as was seen
}

TEST(MemoryEstimate, grows_with_the_source_the_result_and_the_encoder) {
  auto photo = facts_of(MediaType::jpeg, 4000, 3000);
  auto small = estimate_render(photo, {spec_of(MediaType::jpeg, 320)});
  EXPECT_LT(small, estimate_render(photo, {spec_of(MediaType::jpeg, 3000)}));
  EXPECT_LT(small, estimate_render(photo, {spec_of(MediaType::avif, 320)}));
  EXPECT_LT(small, estimate_render(facts_of(MediaType::avif, 4000, 3000),
                                   {spec_of(MediaType::jpeg, 320)}));
  EXPECT_LT(small, estimate_render(facts_of(MediaType::jpeg, 8000, 6000),
                                   {spec_of(MediaType::jpeg, 320)}));
}

TEST(MemoryEstimate, counts_every_picture_of_a_ladder_but_one_encoder) {
  auto photo = facts_of(MediaType::jpeg, 4000, 3000);
  auto one = estimate_render(photo, {spec_of(MediaType::avif, 1000)});
  auto none = estimate_render(photo, {});
  auto two =
      estimate_render(photo, {spec_of(MediaType::avif, 1000), spec_of(MediaType::avif, 1000)});
  EXPECT_GT(two, one);
  EXPECT_LT(two - one, one - none);
}

TEST(MemoryEstimate, counts_the_frames_that_are_kept) {
  auto animation = facts_of(MediaType::webp, 500, 500, 100);
  auto still = spec_of(MediaType::webp, 250);
  auto moving = still;
  moving.animated = true;
  EXPECT_GT(estimate_render(animation, {moving}), estimate_render(animation, {still}) + 90 * kMiB);
  animation.content_type = MediaType::gif;
  EXPECT_GT(estimate_render(animation, {moving}), estimate_render(animation, {still}) + 25 * kMiB);
  EXPECT_EQ(estimate_render(facts_of(MediaType::gif, 500, 500), {moving}),
            estimate_render(facts_of(MediaType::gif, 500, 500), {still}));
}

TEST(MemoryEstimate, follows_the_turn) {
  auto tall = facts_of(MediaType::png, 100, 4000);
  auto spec = spec_of(MediaType::png, 100);
  auto rotated = spec;
  rotated.rotate = 90;
  EXPECT_GT(estimate_render(tall, {spec}), estimate_render(tall, {rotated}));
}

TEST(MemoryEstimate, does_not_overflow) {
  auto huge = facts_of(MediaType::avif, 32'768, 32'768, 1000);
  auto spec = spec_of(MediaType::avif, 8192);
  spec.animated = true;
  EXPECT_GT(estimate_render(huge, std::vector<RenditionSpec>(12, spec)), 1ull << 40);
  EXPECT_GT(estimate_examine(1ull << 40, {}, {}), 1ull << 40);
}

TEST(MemoryEstimate, survives_facts_without_a_size) {
  EXPECT_GT(megabytes(ImageFacts{}, spec_of(MediaType::jpeg, 320)), 0u);
}

TEST(MemoryEstimate, of_an_unknown_file_follows_its_size) {
  EXPECT_EQ(estimate_examine(1000, {}, {}), 96 * kMiB);
  EXPECT_GT(estimate_examine(10 * kMiB, {}, {}), 96 * kMiB);
  EXPECT_LT(estimate_examine(10 * kMiB, {}, {}), 300 * kMiB);
}

TEST(MemoryEstimate, of_a_file_whose_header_was_read_follows_what_it_claims) {
  auto avif = facts_of(MediaType::avif, 10'000, 10'000);
  EXPECT_EQ(estimate_examine(1000, avif, {}), estimate_render(avif, {}));
  EXPECT_GT(estimate_examine(1000, avif, {}), 1500 * kMiB);
  EXPECT_EQ(estimate_examine(1000, facts_of(MediaType::png, 64, 64), {}), 96 * kMiB);
}

TEST(MemoryEstimate, of_a_file_whose_header_claims_little_is_that_of_its_size) {
  auto tiny = facts_of(MediaType::jpeg, 1, 1);
  EXPECT_EQ(estimate_examine(10 * kMiB, tiny, {}), estimate_examine(10 * kMiB, {}, {}));
}

}  // namespace
}  // namespace tintype
