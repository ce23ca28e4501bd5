#include "domain/rendition_variants.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

std::string refusal(const std::vector<std::string>& variants,
                    const std::vector<std::string>& ladder = {}) {
  auto result = RenditionVariants::parse(variants, ladder);
  if (result.ok()) return "accepted";
  EXPECT_TRUE(result.error().is(ErrorKind::invalid));
  return result.error().detail;
}

std::vector<std::string> names(const std::vector<NamedRendition>& renditions) {
  std::vector<std::string> out;
  for (const auto& rendition : renditions) out.push_back(rendition.name);
  return out;
}

TEST(RenditionVariants, TheContractsByDefault) {
  RenditionVariants variants;
  EXPECT_EQ(names(variants.all()), (std::vector<std::string>{"thumb", "feed", "full"}));
  EXPECT_EQ(names(variants.ladder()), names(variants.all()));
  EXPECT_EQ(rendition_params(variants.find("thumb")->spec), "fit=cover&height=320&width=320");
  EXPECT_EQ(rendition_params(variants.find("feed")->spec), "height=1080&width=1080");
  EXPECT_EQ(rendition_params(variants.find("full")->spec), "height=2048&width=2048");
  EXPECT_EQ(variants.find("icon"), nullptr);
  EXPECT_EQ(variants.find(""), nullptr);
}

TEST(RenditionVariants, AsConfigured) {
  auto variants = RenditionVariants::parse(
      {"plain", "also_plain?", "a-1?width=64&height=64&fit=cover&gravity=0.3%2C0.5&dpr=2",
       "gray?grayscale&format=gif"},
      {"gray", "plain"});
  ASSERT_TRUE(variants.ok());
  EXPECT_EQ(variants->all().size(), 4u);
  EXPECT_EQ(variants->find("plain")->spec, RenditionSpec{});
  EXPECT_EQ(variants->find("also_plain")->spec, RenditionSpec{});
  EXPECT_EQ(rendition_params(variants->find("a-1")->spec),
            "fit=cover&gravity=0.3%2C0.5&height=128&width=128");
  EXPECT_EQ(names(variants->ladder()), (std::vector<std::string>{"gray", "plain"}));
  EXPECT_EQ(variants->ladder()[0].spec, variants->find("gray")->spec);
}

TEST(RenditionVariants, ThereMayBeNoneAndNoLadder) {
  EXPECT_EQ(refusal({}, {}), "accepted");
  EXPECT_EQ(refusal({}, {"none"}), "accepted");
  auto variants = RenditionVariants::parse({"a"}, {"none"});
  ASSERT_TRUE(variants.ok());
  EXPECT_EQ(variants->all().size(), 1u);
  EXPECT_TRUE(variants->ladder().empty());
}

TEST(RenditionVariants, BadEntriesAreNamed) {
  const std::string bad_name =
      " does not begin with a name of 1 to 64 of a-z, 0-9, _ and - (but not none)";
  const std::vector<std::string> entries = {
      "", "?width=1", "Thumb?width=1", "a b", "none?width=1", "thümb", std::string(65, 'a')};
  for (const auto& entry : entries) EXPECT_EQ(refusal({entry}), "\"" + entry + "\"" + bad_name);
  EXPECT_EQ(refusal({std::string(64, 'a')}), "accepted");
  EXPECT_EQ(refusal({"a?width=0"}), "\"a?width=0\": width must be a whole number from 1 to 8192");
  EXPECT_EQ(refusal({"a?size=1"}), "\"a?size=1\": size is not a parameter of renditions");
  EXPECT_EQ(refusal({"a?v=1"}), "\"a?v=1\": v is not a parameter of renditions");
  EXPECT_EQ(refusal({"a?width=1&width=2"}), "\"a?width=1&width=2\": width is given more than once");
  EXPECT_EQ(refusal({"a?width=5000&dpr=2"}),
            "\"a?width=5000&dpr=2\": dpr makes a side longer than 8192 pixels");
  EXPECT_EQ(refusal({"a?gravity=%2"}).find("\"a?gravity=%2\": "), 0u);
  EXPECT_EQ(refusal({"a?%zz=1"}).find("\"a?%zz=1\": "), 0u);
  EXPECT_EQ(refusal({"a?width=1", "b", "a?width=2"}), "\"a\" is there twice");
}

TEST(RenditionVariants, BadLaddersAreNamed) {
  EXPECT_EQ(refusal({"a"}, {"b"}), "\"b\" in the ladder is not the name of a variant");
  EXPECT_EQ(refusal({"a"}, {"a", "none"}), "\"none\" in the ladder is not the name of a variant");
  EXPECT_EQ(refusal({"a"}, {"a", "a"}), "\"a\" is in the ladder twice");
}

TEST(RenditionVariants, ThereAreNotTooMany) {
  std::vector<std::string> variants;
  for (int i = 0; i < 64; ++i) variants.push_back("v" + std::to_string(i));
  std::vector<std::string> ladder(variants.begin(), variants.begin() + 12);
  EXPECT_EQ(refusal(variants, ladder), "accepted");
  ladder.push_back("v12");
  EXPECT_EQ(refusal(variants, ladder), "the ladder has more than 12 variants");
  variants.push_back("v64");
  EXPECT_EQ(refusal(variants), "there are more than 64 variants");
}

}  // namespace
}  // namespace tintype
