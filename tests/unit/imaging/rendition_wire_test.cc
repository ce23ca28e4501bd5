#include "imaging/rendition_wire.h"

#include <gtest/gtest.h>

#include <functional>

#include "ports/image_engine.h"

namespace tintype {
namespace {

RenditionSpec full_spec() {
  RenditionSpec spec;
  spec.width = 8192;
  spec.height = 320;
  spec.fit = Fit::contain;
  spec.gravity = {Gravity::Kind::entropy, 10'000, 1};
  spec.format = MediaType::avif;
  spec.quality = 100;
  spec.background = Color{1, 2, 3, 4};
  spec.blur = 30;
  spec.sharpen = 10'000;
  spec.rotate = 270;
  spec.mirror = true;
  spec.grayscale = true;
  spec.enlarge = true;
  spec.animated = false;
  return spec;
}

RenderWishes some_wishes() {
  return {{QualityMode::best, ColorMode::srgb}, {RenditionSpec{}, full_spec()}};
}

std::vector<RenderedFile> some_files() {
  return {{MediaType::webp, 640, 480, 3, 12'345}, {MediaType::png, 1, 1, 1, 1ull << 29}};
}

TEST(RenditionWire, carries_wishes) {
  auto wishes = some_wishes();
  auto back = decode_render_wishes(encode_render_wishes(wishes));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->policy, wishes.policy);
  EXPECT_EQ(back->specs, wishes.specs);
  EXPECT_TRUE(decode_render_wishes(encode_render_wishes({}))->specs.empty());
}

TEST(RenditionWire, carries_pictures) {
  auto back = decode_render_answer(encode_render_answer(some_files()));
  ASSERT_TRUE(back.ok());
  ASSERT_EQ(back->size(), 2u);
  const RenderedFile& file = (*back)[0];
  EXPECT_EQ(file.content_type, MediaType::webp);
  EXPECT_EQ(file.width, 640u);
  EXPECT_EQ(file.height, 480u);
  EXPECT_EQ(file.frames, 3u);
  EXPECT_EQ(file.size, 12'345u);
  EXPECT_EQ((*back)[1].size, 1ull << 29);
}

TEST(RenditionWire, refuses_every_other_length) {
  std::string wishes = encode_render_wishes(some_wishes());
  for (std::size_t size = 0; size < wishes.size(); ++size)
    EXPECT_FALSE(decode_render_wishes(wishes.substr(0, size)).ok()) << size;
  EXPECT_FALSE(decode_render_wishes(wishes + "x").ok());
  std::string answer = encode_render_answer(some_files());
  for (std::size_t size = 0; size < answer.size(); ++size)
    EXPECT_FALSE(decode_render_answer(answer.substr(0, size)).ok()) << size;
  EXPECT_FALSE(decode_render_answer(answer + "x").ok());
}

bool refuses_spec(const std::function<void(RenditionSpec&)>& change) {
  auto wishes = some_wishes();
  change(wishes.specs[1]);
  return !decode_render_wishes(encode_render_wishes(wishes)).ok();
}

TEST(RenditionWire, refuses_specs_that_cannot_be) {
  EXPECT_FALSE(refuses_spec([](RenditionSpec&) {}));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.width = 8193; }));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.height = ~0u; }));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.fit = Fit(5); }));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.gravity.kind = Gravity::Kind(3); }));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.gravity.x = 10'001; }));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.gravity.y = 10'001; }));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.format = MediaType::heic; }));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.format = MediaType(9); }));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.quality = 101; }));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.blur = 10'001; }));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.sharpen = 10'001; }));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.rotate = 45; }));
  EXPECT_TRUE(refuses_spec([](RenditionSpec& s) { s.rotate = 360; }));
}

TEST(RenditionWire, refuses_policies_that_cannot_be) {
  auto wishes = some_wishes();
  wishes.policy.quality = QualityMode(3);
  EXPECT_FALSE(decode_render_wishes(encode_render_wishes(wishes)).ok());
  wishes = some_wishes();
  wishes.policy.color = ColorMode(2);
  EXPECT_FALSE(decode_render_wishes(encode_render_wishes(wishes)).ok());
}

TEST(RenditionWire, refuses_more_than_a_job_can_have) {
  auto wishes = some_wishes();
  wishes.specs.assign(kMaxRenditionsAtOnce, full_spec());
  EXPECT_TRUE(decode_render_wishes(encode_render_wishes(wishes)).ok());
  wishes.specs.push_back(full_spec());
  EXPECT_FALSE(decode_render_wishes(encode_render_wishes(wishes)).ok());
  std::vector<RenderedFile> files(kMaxRenditionsAtOnce + 1, some_files()[0]);
  EXPECT_FALSE(decode_render_answer(encode_render_answer(files)).ok());
}

TEST(RenditionWire, refuses_pictures_that_cannot_be) {
  auto refused = [](auto change) {
    auto files = some_files();
    change(files[1]);
    return !decode_render_answer(encode_render_answer(files)).ok();
  };
  EXPECT_FALSE(refused([](RenderedFile&) {}));
  EXPECT_TRUE(refused([](RenderedFile& f) { f.content_type = MediaType::heic; }));
  EXPECT_TRUE(refused([](RenderedFile& f) { f.width = 0; }));
  EXPECT_TRUE(refused([](RenderedFile& f) { f.height = 0; }));
  EXPECT_TRUE(refused([](RenderedFile& f) { f.height = ~0u; }));
  EXPECT_TRUE(refused([](RenderedFile& f) { f.frames = 0; }));
  EXPECT_TRUE(refused([](RenderedFile& f) { f.frames = ~0u; }));
  EXPECT_TRUE(refused([](RenderedFile& f) { f.size = 0; }));
}

}  // namespace
}  // namespace tintype
