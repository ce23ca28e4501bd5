#include "imaging/icc_profile.h"

#include <gtest/gtest.h>

#include "support/icc_samples.h"

namespace tintype {
namespace {

using namespace std::string_literals;
using samples::icc_curve;
using samples::icc_formula;
using samples::icc_gamma;
using samples::icc_number;
using samples::icc_srgb_formula;
using samples::rgb_profile;

std::string with_description(const std::string& tag) {
  return samples::icc_profile("RGB ", {{"desc", tag}, {"rTRC", icc_srgb_formula()}});
}

TEST(IccProfile, names_both_forms_of_description) {
  EXPECT_EQ(icc_profile_name(with_description("desc\0\0\0\0\0\0\0\x0E"s + "Display P3 X \0"s)),
            "Display P3 X");
  EXPECT_EQ(icc_profile_name(with_description("desc\0\0\0\0\0\0\0\x12"s + "sRGB IEC61966-2.1\0"s)),
            "sRGB");
  EXPECT_EQ(icc_profile_name(with_description("mluc\0\0\0\0\0\0\0\1\0\0\0\x0C"s + "enUS" +
                                              "\0\0\0\4\0\0\0\x1C"s +
                                              "\0P\0"
                                              "3"s)),
            "P3");
}

TEST(IccProfile, believes_nothing) {
  EXPECT_EQ(icc_profile_name(""), "");
  EXPECT_EQ(icc_profile_name(std::string(200, '\0')), "");
  EXPECT_EQ(icc_profile_name(with_description("desc\0\0\0\0\xFF\xFF\xFF\xFF"s + "x"s)), "");
  EXPECT_EQ(icc_profile_name(with_description("mluc")), "");
  std::string many = with_description("desc");
  many.replace(128, 4, "\xFF\xFF\xFF\xFF");
  EXPECT_EQ(icc_profile_name(many), "");
}

std::vector<double> srgb_table(int entries) {
  std::vector<double> table;
  for (int i = 0; i < entries; ++i) {
    const double x = static_cast<double>(i) / (entries - 1);
    table.push_back(x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4));
  }
  return table;
}

TEST(IccProfile, knows_the_curve_of_srgb_in_every_form) {
  const std::string curves[] = {
      icc_srgb_formula(),
      icc_formula(0, {2.2}),
      icc_formula(1, {2.4, 1 / 1.055, 0.055 / 1.055}),
      icc_formula(2, {2.2, 1, 0, 0}),
      icc_formula(4, {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045, 0, 0}),
      icc_gamma(2.2),
      icc_curve(srgb_table(16)),
      icc_curve(srgb_table(1024)),
  };
  for (const auto& curve : curves) {
    EXPECT_EQ(icc_profile_name(rgb_profile("sRGB IEC61966-2.1", curve)), "sRGB");
    EXPECT_EQ(known_profile(rgb_profile("c2", curve)), KnownProfile::srgb);
    EXPECT_EQ(known_profile(rgb_profile("sP3C", curve)), KnownProfile::display_p3);
    EXPECT_EQ(known_profile(rgb_profile("Display P3", curve)), KnownProfile::display_p3);
    EXPECT_EQ(known_profile(rgb_profile("Adobe RGB (1998)", curve)), KnownProfile::none);
  }
}

TEST(IccProfile, takes_no_other_curve_for_that_of_srgb) {
  const std::string curves[] = {
      icc_curve(),
      icc_gamma(1),
      icc_gamma(1.8),
      icc_gamma(2.6),
      icc_curve({0, 1}),
      icc_formula(0, {1}),
      icc_formula(1, {2.4, 1, -0.9}),
      icc_formula(2, {2.4, 1 / 1.055, 0.055 / 1.055, 0.3}),
      icc_formula(3, {1, 1, 0, 1, 0}),
      icc_formula(3, {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.9}),
      icc_formula(4, {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045, 0.2, 0}),
  };
  for (const auto& curve : curves) {
    EXPECT_EQ(icc_profile_name(rgb_profile("sRGB-elle-V4-g10.icc", curve)), "sRGB-elle-V4-g10.icc");
    EXPECT_EQ(icc_profile_name(rgb_profile("sP3C", curve)), "sP3C");
    for (const char* name : {"sRGB", "Display P3", "uRGB"})
      EXPECT_EQ(known_profile(rgb_profile(name, curve)), KnownProfile::none) << name;
  }
}

TEST(IccProfile, believes_no_curve_that_it_cannot_read) {
  const std::string curves[] = {
      "",
      "curv",
      "curv" + icc_number(0) + icc_number(1),
      "curv" + icc_number(0) + icc_number(0xFFFFFFFF),
      "curv" + icc_number(0) + icc_number(1000) + "abcd",
      "para",
      icc_formula(5, {2.2, 1, 1, 1, 1, 1, 1}),
      icc_formula(3, {2.4}),
      icc_formula(1, {-2.4, -1, 0}),
      "mft2" + icc_number(0),
  };
  for (const auto& curve : curves) {
    // Behind the curve's tag is nothing that could be read instead.
    const auto profile =
        samples::icc_profile("RGB ", {{"desc", samples::icc_description("sRGB")}, {"rTRC", curve}});
    EXPECT_EQ(known_profile(profile), KnownProfile::none);
    EXPECT_EQ(icc_profile_name(profile), "sRGB");
  }
}

}  // namespace
}  // namespace tintype
