// The ladder that an examination makes is found later under the names of resolved specs: each
// picture has to be the one that the resolved spec makes by itself.
#include <gtest/gtest.h>

#include "domain/format_choice.h"
#include "support/pictures.h"
#include "support/sample_images.h"
#include "unit/imaging/render_fixture.h"

namespace tintype {
namespace {

struct Ladder {
  ImageFacts facts;
  std::vector<MadePicture> pictures;
};

Result<Ladder> make_ladder(const std::string& file, const std::vector<RenditionSpec>& specs) {
  start_vips_once();
  MemoryFiles outputs(specs.size());
  auto answer = TRY(examine_file(file, specs, {}, {}, test_heif(), outputs.numbers()));
  Ladder ladder{answer.facts, {}};
  for (std::size_t i = 0; i < specs.size(); ++i)
    ladder.pictures.push_back({answer.renditions[i], outputs.bytes(i)});
  return ladder;
}

RenditionSpec rung(const RenditionParams& params) { return parse_rendition(params).value(); }

RenditionSpec card() {
  return rung({{"width", "60"}, {"height", "60"}, {"fit", "contain"}, {"background", "ff000080"}});
}

// What a client gets that asks for the rung and names no format.
MadePicture asked_for(const std::string& file, RenditionSpec spec, const ImageFacts& facts) {
  spec.animated = false;
  return make_picture(file, resolve(spec, choose_format(spec, facts, {}), facts));
}

TEST(Ladder, has_the_pictures_that_are_made_when_they_are_asked_for) {
  const std::vector<RenditionSpec> specs{
      card(), rung({{"width", "40"}}), rung({{"width", "500"}, {"height", "900"}}),
      rung({{"width", "32"}, {"height", "32"}, {"fit", "cover"}, {"format", "webp"}}),
      rung({{"background", "336699"}, {"width", "50"}})};
  const auto turned = samples::with_exif(samples::jpeg(96, 64), {.orientation = 6});
  for (const auto& file : {samples::jpeg(96, 64), turned, samples::png_with_alpha(96, 64),
                           samples::animated_gif(3, 96, 64)})
    for (const auto& spec : specs) {
      auto ladder = make_ladder(file, {spec});
      ASSERT_TRUE(ladder.ok()) << ladder.error().detail;
      const auto expected = asked_for(file, spec, ladder->facts);
      const auto& made = ladder->pictures.front();
      EXPECT_EQ(made.file.content_type, expected.file.content_type) << rendition_params(spec);
      EXPECT_TRUE(made.bytes == expected.bytes) << rendition_params(spec);
    }
}

TEST(Ladder, mixes_a_translucent_background_with_white_where_the_picture_is_a_jpeg) {
  auto ladder = make_ladder(samples::jpeg(96, 64), {card()});
  ASSERT_TRUE(ladder.ok());
  const auto shown = pictures::decoded(ladder->pictures[0].bytes);
  const auto* border = VIPS_IMAGE_ADDR(shown.get(), 2, 2);
  EXPECT_NEAR(border[0], 255, 3);
  EXPECT_NEAR(border[1], 127, 3);
}

TEST(Ladder, is_jpeg_where_an_opaque_background_leaves_no_transparency) {
  auto ladder = make_ladder(samples::png_with_alpha(96, 64),
                            {rung({{"width", "40"}, {"background", "00ff00"}}),
                             rung({{"width", "40"}, {"background", "00ff0080"}})});
  ASSERT_TRUE(ladder.ok());
  EXPECT_EQ(ladder->pictures[0].file.content_type, MediaType::jpeg);
  EXPECT_EQ(ladder->pictures[1].file.content_type, MediaType::png);
}

}  // namespace
}  // namespace tintype
