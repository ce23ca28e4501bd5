#include "domain/format_choice.h"

#include <gtest/gtest.h>

#include <chrono>

namespace tintype {
namespace {

std::string accepted(std::string_view header) {
  auto formats = accepted_formats(header);
  return std::string(formats.avif ? "avif" : "") + (formats.webp ? "webp" : "");
}

TEST(AcceptedFormats, WhatBrowsersSend) {
  EXPECT_EQ(accepted("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"),
            "avifwebp");
  EXPECT_EQ(accepted("image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"), "webp");
  EXPECT_EQ(accepted("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"),
            "avif");
  EXPECT_EQ(accepted("*/*"), "");
  EXPECT_EQ(accepted("image/*"), "");
  EXPECT_EQ(accepted("image/png, image/jpeg"), "");
  EXPECT_EQ(accepted(""), "");
}

TEST(AcceptedFormats, WeightsAndWhiteSpace) {
  EXPECT_EQ(accepted("image/webp;q=0"), "");
  EXPECT_EQ(accepted("image/webp;q=0.000, image/avif;q=0.001"), "avif");
  EXPECT_EQ(accepted("image/webp;q=0."), "");
  EXPECT_EQ(accepted("image/webp;q=1, image/avif;q=1.000"), "avifwebp");
  EXPECT_EQ(accepted("image/webp;q=1."), "webp");
  EXPECT_EQ(accepted("IMAGE/WebP ; Q=0.5 ,\timage/AVIF"), "avifwebp");
  EXPECT_EQ(accepted("image/webp;level=1;q=0"), "");
  EXPECT_EQ(accepted("image/webp;level=1;q=0.2;q=0"), "webp");
  EXPECT_EQ(accepted("image/webp;qq=0;x"), "webp");
  EXPECT_EQ(accepted("image/webp;a=\"x,y;q=0\",image/avif"), "avifwebp");
  EXPECT_EQ(accepted("text/x;a=\"\\\",image/avif,\", image/webp"), "webp");
  EXPECT_EQ(accepted("image/webp;q=0, image/webp"), "webp");
}

// A weight that is none is no promise that the client can show it.
TEST(AcceptedFormats, BadWeightsExclude) {
  for (auto weight :
       {"", "x", "-1", "2", "1.1", "1.001", "0.1234", "0.x", "00", "1x", "0,5", "\"1\""})
    EXPECT_EQ(accepted("image/webp;q=" + std::string(weight)), "") << weight;
}

TEST(AcceptedFormats, Garbage) {
  for (auto header :
       {",", ";", ";;;,,,", "\"", "\\", "image/webp\"", "image/webpx", "ximage/webp", "image/web",
        "image /webp", "image/webp image/avif", "a;b=\"image/avif", "a;b=\"\\"})
    EXPECT_EQ(accepted(header), "") << header;
  EXPECT_EQ(accepted(",, ,image/webp,,"), "webp");
  EXPECT_EQ(accepted("image/webp;"), "webp");
  EXPECT_EQ(accepted("image/webp;a=\"unclosed, image/avif"), "webp");
}

TEST(AcceptedFormats, LongHeadersTakeLinearTime) {
  auto begin = std::chrono::steady_clock::now();
  for (std::string piece :
       {"\"", ",", ";", "\\\"", "image/webp;", "image/webp;q=0,", " ", "a;b=\""}) {
    std::string header;
    while (header.size() < 400'000) header += piece;
    accepted_formats(header);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

struct Wish {
  bool alpha = false;
  bool frames = false;
  AcceptedFormats accepted;
  RenditionSpec spec = {};

  ImageFacts facts() const {
    ImageFacts out;
    out.has_alpha = alpha;
    out.frames = frames ? 5 : 1;
    return out;
  }
  MediaType chosen() const { return choose_format(spec, facts(), accepted); }
  bool avif() const { return prefers_avif(spec, facts(), accepted); }
};

constexpr AcceptedFormats kNone, kWebp{false, true}, kAvif{true, false}, kBoth{true, true};

TEST(ChooseFormat, ByTheClientAndThePicture) {
  for (bool alpha : {false, true}) {
    for (bool frames : {false, true}) {
      EXPECT_EQ((Wish{alpha, frames, kWebp}.chosen()), MediaType::webp);
      EXPECT_EQ((Wish{alpha, frames, kBoth}.chosen()), MediaType::webp);
    }
    EXPECT_EQ((Wish{alpha, true, kNone}.chosen()), MediaType::gif);
    EXPECT_EQ((Wish{alpha, true, kAvif}.chosen()), MediaType::gif);
  }
  EXPECT_EQ((Wish{false, false, kNone}.chosen()), MediaType::jpeg);
  EXPECT_EQ((Wish{false, false, kAvif}.chosen()), MediaType::jpeg);
  EXPECT_EQ((Wish{true, false, kNone}.chosen()), MediaType::png);
}

TEST(ChooseFormat, ByTheWish) {
  RenditionSpec still, filled, half, avif;
  still.animated = false;
  filled.background = Color{1, 2, 3, 255};
  half.background = Color{1, 2, 3, 254};
  avif.format = MediaType::avif;
  EXPECT_EQ((Wish{false, true, kNone, still}.chosen()), MediaType::jpeg);
  EXPECT_EQ((Wish{true, true, kNone, still}.chosen()), MediaType::png);
  EXPECT_EQ((Wish{true, false, kNone, filled}.chosen()), MediaType::jpeg);
  EXPECT_EQ((Wish{true, false, kNone, half}.chosen()), MediaType::png);
  EXPECT_EQ((Wish{true, true, kWebp, avif}.chosen()), MediaType::avif);
  RenditionSpec moving;
  moving.animated = true;
  EXPECT_EQ((Wish{false, true, kNone, moving}.chosen()), MediaType::gif);
  EXPECT_EQ((Wish{false, false, kNone, moving}.chosen()), MediaType::jpeg);
}

TEST(PrefersAvif, WhenAcceptedFreeAndStill) {
  RenditionSpec still, webp;
  still.animated = false;
  webp.format = MediaType::webp;
  EXPECT_TRUE((Wish{false, false, kAvif}.avif()));
  EXPECT_TRUE((Wish{true, false, kBoth}.avif()));
  EXPECT_FALSE((Wish{false, false, kWebp}.avif()));
  EXPECT_FALSE((Wish{false, true, kBoth}.avif()));
  EXPECT_TRUE((Wish{false, true, kBoth, still}.avif()));
  EXPECT_FALSE((Wish{false, false, kBoth, webp}.avif()));
}

}  // namespace
}  // namespace tintype
