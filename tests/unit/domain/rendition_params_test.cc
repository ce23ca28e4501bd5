#include <gtest/gtest.h>

#include "base/encoding.h"
#include "domain/rendition_spec.h"
#include "rendition_samples.h"

namespace tintype {
namespace {

// What a server does with a query string.
RenditionParams decoded(std::string_view query) {
  RenditionParams out;
  while (!query.empty()) {
    auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    auto equals = std::min(pair.find('='), pair.size());
    auto value = pair.substr(std::min(equals + 1, pair.size()));
    out.emplace_back(*percent_decode(pair.substr(0, equals)), *percent_decode(value));
  }
  return out;
}

RenditionSpec parsed(std::string_view query) {
  auto spec = parse_rendition(decoded(query));
  EXPECT_TRUE(spec.ok()) << query;
  return spec.ok() ? *spec : RenditionSpec{};
}

// The canonical parameters: shorter to compare than specs.
std::string again(std::string_view query) { return rendition_params(parsed(query)); }

std::vector<FieldError> errors_of(const RenditionParams& params) {
  auto spec = parse_rendition(params);
  if (spec.ok()) return {};
  EXPECT_TRUE(spec.error().is(ErrorKind::invalid));
  EXPECT_TRUE(spec.error().is("validation_failed"));
  return spec.error().fields;
}

// The error for one parameter alone: `invalid_value`, or nothing.
std::string refusal(std::string name, std::string value) {
  auto errors = errors_of({{name, std::move(value)}});
  if (errors.empty()) return "";
  EXPECT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].field, name);
  EXPECT_TRUE(errors[0].detail.starts_with("It ") && errors[0].detail.ends_with('.'));
  return errors[0].code;
}

TEST(ParseRendition, NothingAsksForTheOriginalSize) {
  EXPECT_EQ(parsed(""), RenditionSpec{});
  EXPECT_EQ(rendition_params({}), "");
}

TEST(ParseRendition, EveryParameterReachesItsMember) {
  auto spec = parsed(
      "width=320&height=240&fit=cover&gravity=0.25%2C1&format=webp&quality=71&background=AABBCC80"
      "&blur=1.25&sharpen=0.5&rotate=90&flip=h&grayscale=true&animated=false&enlarge=true");
  RenditionSpec expected;
  expected.width = 320;
  expected.height = 240;
  expected.fit = Fit::cover;
  expected.gravity = {Gravity::Kind::point, 2500, 10000};
  expected.format = MediaType::webp;
  expected.quality = 71;
  expected.background = Color{0xaa, 0xbb, 0xcc, 0x80};
  expected.blur = 125;
  expected.sharpen = 50;
  expected.rotate = 90;
  expected.mirror = true;
  expected.grayscale = true;
  expected.animated = false;
  expected.enlarge = true;
  EXPECT_EQ(spec, expected);
}

TEST(ParseRendition, KnowsItsNames) {
  for (auto name : {"width", "height", "fit", "gravity", "format", "quality", "dpr", "background",
                    "blur", "sharpen", "rotate", "flip", "grayscale", "animated", "enlarge"})
    EXPECT_TRUE(is_rendition_param(name)) << name;
  for (auto name : {"", "v", "variant", "Width", "w", "mirror"})
    EXPECT_FALSE(is_rendition_param(name)) << name;
}

TEST(ParseRendition, FormatsAndFits) {
  EXPECT_EQ(parsed("format=jpeg").format, MediaType::jpeg);
  EXPECT_EQ(parsed("format=webp").format, MediaType::webp);
  EXPECT_EQ(parsed("format=avif").format, MediaType::avif);
  EXPECT_EQ(parsed("format=png").format, MediaType::png);
  EXPECT_EQ(parsed("format=gif").format, MediaType::gif);
  EXPECT_EQ(parsed("format=auto").format, std::nullopt);
  EXPECT_EQ(parsed("width=9&height=9&fit=inside").fit, Fit::inside);
  EXPECT_EQ(parsed("width=9&height=9&fit=cover").fit, Fit::cover);
  EXPECT_EQ(parsed("width=9&height=9&fit=contain").fit, Fit::contain);
  EXPECT_EQ(parsed("width=9&height=9&fit=fill").fit, Fit::fill);
  EXPECT_EQ(parsed("width=9&height=9&fit=outside").fit, Fit::outside);
}

TEST(ParseRendition, DirectionsArePoints) {
  const std::pair<const char*, const char*> cases[] = {
      {"center", "0.5,0.5"}, {"north", "0.5,0"},     {"northeast", "1,0"},
      {"east", "1,0.5"},     {"southeast", "1,1"},   {"south", "0.5,1"},
      {"southwest", "0,1"},  {"west", "0.0,0.5000"}, {"northwest", "0,0"}};
  for (const auto& [word, point] : cases) {
    std::string box = "width=9&height=9&fit=cover&gravity=";
    EXPECT_EQ(parsed(box + word), parsed(box + point)) << word;
  }
  EXPECT_EQ(parsed("width=9&height=9&fit=cover&gravity=attention").gravity.kind,
            Gravity::Kind::attention);
  EXPECT_EQ(parsed("width=9&height=9&fit=cover&gravity=entropy").gravity.kind,
            Gravity::Kind::entropy);
}

TEST(ParseRendition, FlagsMayStandAlone) {
  EXPECT_TRUE(parsed("grayscale").grayscale);
  EXPECT_FALSE(parsed("grayscale=false").grayscale);
  EXPECT_TRUE(parsed("width=9&enlarge").enlarge);
  EXPECT_FALSE(parsed("width=9&enlarge=false").enlarge);
  EXPECT_EQ(parsed("animated").animated, true);
  EXPECT_EQ(parsed("animated=true").animated, true);
  EXPECT_EQ(parsed("sharpen").sharpen, 100);
}

TEST(ParseRendition, DevicePixelsAreMultipliedIntoTheSides) {
  EXPECT_EQ(again("width=320&height=240&dpr=2"), "height=480&width=640");
  EXPECT_EQ(again("width=333&dpr=1.5"), "width=500");
  EXPECT_EQ(again("width=8191&dpr=1.00006"), "width=8191");
  EXPECT_EQ(again("width=3&dpr=1.3333333333"), "width=4");
  EXPECT_EQ(again("dpr=4"), "");
  EXPECT_EQ(again("width=2048&dpr=4"), "width=8192");
  const std::vector<FieldError> too_long = {
      {"dpr", "invalid_value", "It makes a side longer than 8192 pixels."}};
  EXPECT_EQ(errors_of(decoded("width=2049&dpr=4")), too_long);
  EXPECT_EQ(errors_of(decoded("dpr=4&width=8&height=8192")), too_long);
}

TEST(ParseRendition, EqualPicturesHaveEqualSpecs) {
  const std::pair<const char*, const char*> equal[] = {
      {"width=320&fit=cover", "width=320"},
      {"width=320&fit=contain&gravity=north", "width=320"},
      {"height=320&fit=fill&gravity=entropy", "height=320"},
      {"fit=outside&enlarge", ""},
      {"width=9&height=9&gravity=north", "height=9&width=9"},
      {"width=9&height=9&gravity=attention&fit=fill", "fit=fill&height=9&width=9"},
      {"width=9&height=9&fit=contain&gravity=attention", "fit=contain&height=9&width=9"},
      {"width=9&height=9&fit=cover&gravity=center", "fit=cover&height=9&width=9"},
      {"background=12345600", ""},
      {"background=FFAA00ff", "background=ffaa00"},
      {"format=auto&animated=true", "animated=true"},
      {"quality=50&format=png", "format=png"},
      {"quality=50&format=gif", "format=gif"},
      {"grayscale=false&enlarge=false&dpr=1", ""},
      {"blur=0.30", "blur=0.3"},
      {"blur=10.004", "blur=10"},
      {"sharpen=1.0", "sharpen=1"},
      {"sharpen=1.005", "sharpen=1.01"},
      {"width=0320", "width=320"},
  };
  for (const auto& [query, canonical_query] : equal) EXPECT_EQ(again(query), canonical_query);
}

// A picture of 3 × 2 different points, turned by hand.
struct Points {
  int width, height;
  std::string at;
  bool operator==(const Points&) const = default;
};

Points mapped(const Points& in, int width, int height, auto source_index) {
  Points out{width, height, ""};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) out.at += in.at[static_cast<std::size_t>(source_index(x, y))];
  return out;
}

Points turned_clockwise(const Points& in) {
  return mapped(in, in.height, in.width,
                [&](int x, int y) { return (in.height - 1 - x) * in.width + y; });
}

Points flipped(const Points& in, char axis) {
  return mapped(in, in.width, in.height, [&](int x, int y) {
    return axis == 'h' ? y * in.width + in.width - 1 - x : (in.height - 1 - y) * in.width + x;
  });
}

TEST(ParseRendition, RotateAndFlipAreOneOfEightTurns) {
  const Points picture{3, 2, "abcdef"};
  std::vector<std::pair<RenditionSpec, Points>> seen;
  for (int degrees : {0, 90, 180, 270}) {
    for (std::string flip : {"", "h", "v"}) {
      RenditionParams params;
      Points expected = picture;
      if (degrees) params.emplace_back("rotate", std::to_string(degrees));
      for (int turn = 0; turn < degrees; turn += 90) expected = turned_clockwise(expected);
      // The order of the parameters does not matter: the flip comes after the rotation.
      if (!flip.empty()) params.insert(params.begin(), {"flip", flip});
      if (!flip.empty()) expected = flipped(expected, flip[0]);
      auto spec = *parse_rendition(params);
      Points made = picture;
      for (int turn = 0; turn < spec.rotate; turn += 90) made = turned_clockwise(made);
      if (spec.mirror) made = flipped(made, 'h');
      EXPECT_EQ(made, expected) << degrees << flip;
      for (const auto& [other, points] : seen) EXPECT_EQ(other == spec, points == expected);
      seen.emplace_back(spec, expected);
    }
  }
  EXPECT_EQ(again("flip=v"), "flip=h&rotate=180");
  EXPECT_EQ(again("rotate=180&flip=v"), "flip=h");
}

TEST(ParseRendition, BadValuesAreRefused) {
  const struct {
    const char* name;
    std::vector<const char*> bad;
    std::vector<const char*> good;
  } cases[] = {
      {"width",
       {"", "0", "-1", "+1", "8193", "1.5", "1.", "1e3", " 1", "1 ", "abc", "320px", "0x10",
        "99999999999999999999"},
       {"1", "8192"}},
      {"height", {"", "0", "8193", "auto", "1.0"}, {"1", "8192"}},
      {"dpr",
       {"", "0", "0.99", "4.1", "4.000001", "-2", "2x", "1,5", ".5", "nan", "inf"},
       {"1", "1.5", "4", "4.0"}},
      {"fit", {"", "Cover", "crop", "inside "}, {"inside", "outside"}},
      {"gravity",
       {"", "north-east", "North", "0.5", "0.5,", ",0.5", "1.1,0", "0,1.1", "0.5,0.5,0.5", "-0.1,0",
        "0.5 0.5", "a,b", "0,.5"},
       {"0,0", "1,1", "0.33333333333333331,0.5"}},
      {"format", {"", "jpg", "heic", "heif", "image/webp", "JPEG", "svg"}, {"auto", "avif"}},
      {"quality", {"", "0", "101", "80%", "80.5"}, {"1", "100"}},
      {"background",
       {"", "fff", "#ffffff", "white", "ffffff0", "fffffff", "ffffff000", "gggggg", "ffffff0000"},
       {"ffffff", "FFFFFF", "00000000"}},
      {"blur", {"", "0", "0.2", "0.29", "100.1", "-1", "true"}, {"0.3", "100", "100.00"}},
      {"sharpen", {"0", "0.2", "10.1", "true"}, {"", "0.3", "10"}},
      {"rotate", {"", "0", "45", "360", "-90", "100", "90.0"}, {"90", "180", "270"}},
      {"flip", {"", "x", "H", "hv", "true"}, {"h", "v"}},
      {"grayscale", {"1", "yes", "True", "0"}, {"", "true", "false"}},
      {"animated", {"1", "no"}, {"", "true", "false"}},
      {"enlarge", {"1", "yes"}, {"", "true", "false"}},
  };
  for (const auto& [name, bad, good] : cases) {
    for (auto value : bad) EXPECT_EQ(refusal(name, value), "invalid_value") << name << "=" << value;
    for (auto value : good) EXPECT_EQ(refusal(name, value), "") << name << "=" << value;
  }
  EXPECT_EQ(refusal("blur", std::string(1'000'000, '1')), "invalid_value");
  EXPECT_EQ(refusal("blur", "1." + std::string(1'000'000, '1')), "invalid_value");
}

TEST(ParseRendition, EveryBadParameterIsNamed) {
  auto errors = errors_of(decoded("width=0&height=x&fit=&dpr=9&quality=500&flip=q&color=red"));
  std::vector<std::string> fields;
  for (const auto& error : errors) fields.push_back(error.field + " " + error.code);
  EXPECT_EQ(fields, (std::vector<std::string>{"width invalid_value", "height invalid_value",
                                              "fit invalid_value", "dpr invalid_value",
                                              "quality invalid_value", "flip invalid_value",
                                              "color unknown_field"}));
}

TEST(ParseRendition, TwiceIsOnceTooOften) {
  auto errors = errors_of(decoded("width=1&height=2&width=1"));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0], (FieldError{"width", "duplicate_field", "It is given more than once."}));
}

TEST(ParseRendition, SurvivesAnything) {
  RenditionSamples samples(5);
  const std::string_view letters = "0123456789.,-+abcdefhv% \xff";
  const char* names[] = {"width", "gravity", "dpr", "blur", "sharpen", "background", "rotate"};
  for (int i = 0; i < 10'000; ++i) {
    std::string value;
    for (auto size = samples.number(0, 8); size > 0; --size)
      value += letters[samples.number(0, static_cast<std::uint32_t>(letters.size() - 1))];
    auto spec = parse_rendition({{names[i % 7], value}});
    if (!spec.ok()) continue;
    ASSERT_EQ(parsed(rendition_params(*spec)), *spec) << names[i % 7] << "=" << value;
  }
}

TEST(RenditionParams, ReadBackTheyAreTheSameSpec) {
  RenditionSamples samples(6);
  for (int i = 0; i < 10'000; ++i) {
    auto spec = canonical(samples.raw_spec());
    auto text = rendition_params(spec);
    ASSERT_EQ(parsed(text), spec) << text;
    ASSERT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789=&.%C"), text.npos);
    auto resolved = resolve(spec, MediaType::webp, samples.facts());
    ASSERT_EQ(parsed(rendition_params(resolved)), resolved) << rendition_params(resolved);
  }
}

TEST(RenditionParams, AreInOrderOfNameAndWithoutDefaults) {
  EXPECT_EQ(again("width=320&height=240&fit=cover&gravity=0.25,0.0001&format=webp&quality=71"
                  "&background=aabbcc80&blur=1.25&sharpen&rotate=90&flip=v&grayscale&animated"
                  "&enlarge"),
            "animated=true&background=aabbcc80&blur=1.25&enlarge=true&fit=cover&flip=h&format=webp"
            "&gravity=0.25%2C0.0001&grayscale=true&height=240&quality=71&rotate=270&sharpen=1"
            "&width=320");
}

}  // namespace
}  // namespace tintype
