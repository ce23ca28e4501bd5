#include <gtest/gtest.h>

#include <map>

#include "base/encoding.h"
#include "domain/rendition_geometry.h"
#include "domain/rendition_spec.h"
#include "rendition_samples.h"

namespace tintype {
namespace {

RenditionSpec parsed(const RenditionParams& params) { return *parse_rendition(params); }

ImageFacts photo(std::uint32_t width = 4000, std::uint32_t height = 3000) {
  ImageFacts facts;
  facts.width = width;
  facts.height = height;
  return facts;
}

ImageFacts see_through() {
  auto facts = photo();
  facts.has_alpha = true;
  return facts;
}

ImageFacts moving() {
  auto facts = photo();
  facts.frames = 9;
  return facts;
}

std::string resolved(const RenditionParams& params, const ImageFacts& facts = photo(),
                     MediaType chosen = MediaType::webp) {
  return rendition_params(resolve(parsed(params), chosen, facts));
}

// Resolved, and only what concerns size and place.
std::string size_of(const RenditionParams& params, const ImageFacts& facts = photo()) {
  auto spec = resolve(parsed(params), MediaType::webp, facts);
  spec.format.reset();
  spec.animated.reset();
  spec.quality = 0;
  return rendition_params(spec);
}

TEST(DefaultQuality, IsThatOfTheEncoder) {
  EXPECT_EQ(default_quality(MediaType::jpeg), 80);
  EXPECT_EQ(default_quality(MediaType::webp), 75);
  EXPECT_EQ(default_quality(MediaType::avif), 65);
  EXPECT_EQ(default_quality(MediaType::png), 100);
  EXPECT_EQ(default_quality(MediaType::gif), 100);
}

TEST(Resolve, LeavesNothingOpen) {
  EXPECT_EQ(resolved({}), "animated=false&format=webp&quality=75");
  EXPECT_EQ(resolved({}, photo(), MediaType::avif), "animated=false&format=avif&quality=65");
  EXPECT_EQ(resolved({{"format", "jpeg"}}), "animated=false&format=jpeg&quality=80");
  EXPECT_EQ(resolved({{"format", "jpeg"}, {"quality", "33"}}),
            "animated=false&format=jpeg&quality=33");
  EXPECT_EQ(resolved({{"quality", "33"}}, photo(), MediaType::png), "animated=false&format=png");
  EXPECT_EQ(resolved({{"quality", "33"}}, photo(), MediaType::gif), "animated=false&format=gif");
}

TEST(Resolve, MovesWhereImageFormatAndWishAllow) {
  auto animated = [](const ImageFacts& facts, MediaType format, std::optional<bool> wish) {
    RenditionSpec spec;
    spec.animated = wish;
    return resolve(spec, format, facts).animated;
  };
  for (auto wish : {std::optional<bool>(), std::optional(true)}) {
    EXPECT_EQ(animated(moving(), MediaType::webp, wish), true);
    EXPECT_EQ(animated(moving(), MediaType::gif, wish), true);
    EXPECT_EQ(animated(moving(), MediaType::jpeg, wish), false);
    EXPECT_EQ(animated(moving(), MediaType::png, wish), false);
    EXPECT_EQ(animated(moving(), MediaType::avif, wish), false);
    EXPECT_EQ(animated(photo(), MediaType::webp, wish), false);
  }
  EXPECT_EQ(animated(moving(), MediaType::webp, false), false);
}

TEST(Resolve, OneSizeHasOneName) {
  for (const RenditionParams& params : std::vector<RenditionParams>{
           {{"width", "800"}},
           {{"height", "600"}},
           {{"width", "800"}, {"height", "800"}},
           {{"width", "800"}, {"height", "600"}, {"fit", "cover"}, {"gravity", "north"}},
           {{"width", "800"}, {"height", "600"}, {"fit", "contain"}, {"gravity", "0,0"}},
           {{"width", "800"}, {"height", "600"}, {"fit", "fill"}},
           {{"width", "800"}, {"height", "599"}, {"fit", "outside"}},
           {{"width", "800"}, {"enlarge", "true"}}})
    EXPECT_EQ(size_of(params), "width=800");
  EXPECT_EQ(size_of({{"width", "800"}, {"height", "600"}, {"fit", "fill"}}, photo(300, 200)),
            "fit=fill&height=200&width=267");
  EXPECT_EQ(
      size_of({{"width", "9"}, {"height", "9"}, {"fit", "fill"}, {"enlarge", ""}}, photo(4, 90)),
      "enlarge=true&fit=fill&height=9&width=9");
  EXPECT_EQ(size_of({{"width", "900"}, {"enlarge", ""}}, photo(300, 200)),
            "enlarge=true&width=900");
}

TEST(Resolve, ABoxLargerThanTheImageIsNoBox) {
  EXPECT_EQ(size_of({{"width", "5000"}}), "");
  EXPECT_EQ(size_of({{"width", "5000"}, {"height", "4000"}, {"fit", "outside"}}), "");
  EXPECT_EQ(size_of({{"width", "8000"}, {"height", "6000"}, {"fit", "cover"}}), "");
  EXPECT_EQ(size_of({{"width", "8000"}, {"height", "6000"}, {"fit", "fill"}}), "");
  EXPECT_EQ(size_of({{"width", "4000"}, {"enlarge", ""}}), "");
  EXPECT_EQ(size_of({{"width", "3000"}, {"rotate", "90"}}), "rotate=90");
  EXPECT_EQ(size_of({{"width", "3000"}}), "width=3000");
}

TEST(Resolve, CutsAndPaddingKeepWhatDecidesThem) {
  auto cover = [](const char* gravity, const ImageFacts& facts) {
    return size_of({{"width", "300"}, {"height", "300"}, {"fit", "cover"}, {"gravity", gravity}},
                   facts);
  };
  EXPECT_EQ(cover("northwest", photo()), "fit=cover&gravity=0%2C0.5&height=300&width=300");
  EXPECT_EQ(cover("north", photo()), "fit=cover&height=300&width=300");
  EXPECT_EQ(cover("north", photo(300, 400)), "fit=cover&gravity=0.5%2C0&height=300&width=300");
  EXPECT_EQ(cover("attention", photo()), "fit=cover&gravity=attention&height=300&width=300");
  EXPECT_EQ(cover("entropy", photo(200, 100)), "fit=cover&gravity=entropy&height=100&width=100");
  EXPECT_EQ(cover("attention", photo(500, 500)), "width=300");
  EXPECT_EQ(size_of({{"width", "300"}, {"height", "300"}, {"fit", "contain"}, {"gravity", "0,0"}}),
            "fit=contain&gravity=0.5%2C0&height=300&width=300");
  EXPECT_EQ(size_of({{"width", "300"}, {"height", "300"}, {"fit", "cover"}, {"enlarge", ""}},
                    photo(200, 100)),
            "enlarge=true&fit=cover&height=300&width=300");
}

TEST(Resolve, BackgroundIsKeptWhereItShows) {
  auto background = [](const char* color, const ImageFacts& facts, MediaType format,
                       const char* fit = "inside") {
    RenditionParams params = {{"width", "300"}, {"height", "300"}, {"fit", fit}};
    if (*color) params.emplace_back("background", color);
    return resolve(parsed(params), format, facts).background;
  };
  const Color white{255, 255, 255, 255}, red{255, 0, 0, 255}, pale{255, 0, 0, 128};
  EXPECT_EQ(background("ff0000", photo(), MediaType::jpeg), std::nullopt);
  EXPECT_EQ(background("ff0000", photo(), MediaType::png, "cover"), std::nullopt);
  EXPECT_EQ(background("ff0000", photo(300, 300), MediaType::png, "contain"), std::nullopt);
  EXPECT_EQ(background("ff0000", photo(), MediaType::png, "contain"), red);
  EXPECT_EQ(background("ff0000", see_through(), MediaType::webp), red);
  EXPECT_EQ(background("ff000080", see_through(), MediaType::avif), pale);
  EXPECT_EQ(background("", see_through(), MediaType::webp), std::nullopt);
  EXPECT_EQ(background("00000000", see_through(), MediaType::gif), std::nullopt);
  // JPEG knows no transparency: what is left of it is white.
  EXPECT_EQ(background("", see_through(), MediaType::jpeg), white);
  EXPECT_EQ(background("00000000", photo(), MediaType::jpeg, "contain"), white);
  EXPECT_EQ(background("ff0000", see_through(), MediaType::jpeg), red);
  EXPECT_EQ(background("ff000080", see_through(), MediaType::jpeg), (Color{255, 127, 127, 255}));
}

TEST(Resolve, TurnsAndFiltersStay) {
  EXPECT_EQ(
      resolved(
          {{"rotate", "90"}, {"flip", "v"}, {"grayscale", ""}, {"blur", "2"}, {"sharpen", ""}}),
      "animated=false&blur=2&flip=h&format=webp&grayscale=true&quality=75&rotate=270"
      "&sharpen=1");
}

// What resolve changes must not change the picture: same plan, same place; and a second time
// changes nothing.
TEST(Resolve, NeverChangesThePicture) {
  RenditionSamples samples(7);
  for (int i = 0; i < 30'000; ++i) {
    auto spec = canonical(samples.raw_spec());
    auto facts = samples.facts();
    auto done = resolve(spec, MediaType::webp, facts);
    SCOPED_TRACE(rendition_params(spec) + " of " + std::to_string(facts.width) + "x" +
                 std::to_string(facts.height) + " -> " + rendition_params(done));
    auto source = turned(spec, {facts.width, facts.height});
    auto plan = plan_geometry(spec, source);
    ASSERT_EQ(plan_geometry(done, source), plan);
    if (plan.scaled != plan.result) {
      ASSERT_EQ(done.gravity.kind, spec.gravity.kind);
      bool cut = spec.fit == Fit::cover;
      auto whole = cut ? plan.scaled : plan.result, part = cut ? plan.result : plan.scaled;
      ASSERT_EQ(place(done.gravity, whole, part), place(spec.gravity, whole, part));
    }
    ASSERT_EQ(resolve(done, MediaType::gif, facts), done);
    ASSERT_EQ(canonical(done), done);
  }
}

// All specs that come to one plan without cutting come to one spec.
TEST(Resolve, EqualPlansOfWholePicturesAreEqualSpecs) {
  RenditionSamples samples(8);
  for (auto source : {PixelSize{60, 40}, PixelSize{41, 97}, PixelSize{1, 30}}) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, RenditionSpec> by_size;
    for (int i = 0; i < 20'000; ++i) {
      RenditionSpec spec;
      spec.width = samples.number(0, 100);
      spec.height = samples.number(0, 100);
      spec.fit = static_cast<Fit>(samples.number(0, 4));
      spec.enlarge = samples.coin();
      auto plan = plan_geometry(spec, source);
      if (plan.scaled != plan.result) continue;
      auto done = resolve(spec, MediaType::webp, photo(source.width, source.height));
      auto [at, added] = by_size.try_emplace({plan.result.width, plan.result.height}, done);
      ASSERT_EQ(at->second, done) << rendition_params(done);
    }
    EXPECT_GT(by_size.size(), 50u);
  }
}

TEST(RenditionKey, NamesWhatDiffers) {
  RenditionSamples samples(9);
  std::map<std::string, std::string> keys;
  for (int i = 0; i < 5'000; ++i) {
    auto spec = resolve(samples.raw_spec(), MediaType::webp, samples.facts());
    auto key = rendition_key(spec);
    ASSERT_EQ(key.size(), 24u);
    ASSERT_EQ(percent_encode(key), key);
    auto [at, added] = keys.try_emplace(key, rendition_params(spec));
    ASSERT_EQ(at->second, rendition_params(spec));
  }
  EXPECT_GT(keys.size(), 4'000u);
}

TEST(RenditionKey, TheQualityAndThePolicyArePartOfIt) {
  auto spec = resolve({}, MediaType::jpeg, photo());
  auto other = spec;
  other.quality = 81;
  EXPECT_NE(rendition_key(spec), rendition_key(other));
  EXPECT_NE(rendition_key(spec), rendition_key(spec, "balanced,keep"));
  EXPECT_NE(rendition_key(spec, "fast,keep"), rendition_key(spec, "balanced,keep"));
  EXPECT_EQ(rendition_key(spec, "fast,keep"), rendition_key(spec, "fast,keep"));
  auto chosen = resolve(parsed({{"format", "jpeg"}, {"quality", "80"}}), MediaType::webp, photo());
  EXPECT_EQ(rendition_key(spec), rendition_key(chosen));
}

// Stored objects and caches out there have this name: it changes with kRendererVersion alone.
TEST(RenditionKey, StaysFromReleaseToRelease) {
  auto spec = resolve(parsed({{"width", "320"}}), MediaType::jpeg, photo());
  EXPECT_EQ(rendition_params(spec), "animated=false&format=jpeg&quality=80&width=320");
  EXPECT_EQ(rendition_key(spec, "balanced,keep"), "Bi3jpw5ROtiZBoNwEZ-9E6Lv");
}

TEST(RenditionObject, IsBelowTheImagesPrefix) {
  auto id = *ImageId::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  const std::pair<MediaType, const char*> extensions[] = {{MediaType::jpeg, ".jpg"},
                                                          {MediaType::webp, ".webp"},
                                                          {MediaType::avif, ".avif"},
                                                          {MediaType::png, ".png"},
                                                          {MediaType::gif, ".gif"}};
  for (const auto& [format, extension] : extensions) {
    auto spec = resolve({}, format, photo());
    EXPECT_EQ(rendition_object(id, spec), renditions_prefix(id) + rendition_key(spec) + extension);
    EXPECT_EQ(rendition_object(id, spec, "best,srgb"),
              renditions_prefix(id) + rendition_key(spec, "best,srgb") + extension);
  }
}

}  // namespace
}  // namespace tintype
