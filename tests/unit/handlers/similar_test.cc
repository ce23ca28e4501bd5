// `similar_to` in GET /images.
#include <gtest/gtest.h>

#include "handlers/caller.h"
#include "handlers/handlers.h"
#include "support/api_world.h"

namespace tintype::testing {
namespace {

class Similar : public ::testing::Test {
 protected:
  // An active image that looks like `hash`; empty: it was never computed.
  std::string active(const std::string& hash) {
    world_.clock.advance(seconds(1));
    world_.images.answer = [hash] {
      ImageFacts facts = ImageBuilder::facts();
      facts.perceptual_hash = hash;
      return Result<ImageFacts>(facts);
    };
    return world_.create_active("bytes" + std::to_string(made_++)).image_id.to_string();
  }
  std::vector<std::string> ids(const Answer& page) {
    std::vector<std::string> out;
    EXPECT_EQ(page.status, 200) << page.body;
    auto json = page.json();
    for (const auto& image : json.at("images").as_array())
      out.emplace_back(image.at("image_id").as_string());
    return out;
  }

  ApiWorld world_;
  int made_ = 0;
};

using Ids = std::vector<std::string>;

TEST_F(Similar, ListsWhatLooksAlikeInOrderAndPages) {
  const auto first = active("0123456789abcdef");
  const auto second = active("0123456789abcdee");
  active("fedcba9876543210");
  const auto third = active("0123456789abffff");
  const std::string target = "/images?similar_to=" + first;
  EXPECT_EQ(ids(world_.get(target)), (Ids{third, second}));
  EXPECT_EQ(ids(world_.get(target + "&sort=oldest&user_id=ann")), (Ids{second, third}));
  EXPECT_EQ(ids(world_.get(target + "&user_id=bob")), Ids{});
  const auto page = world_.get(target + "&limit=1");
  const std::string rest = "&limit=1&last_key=" + page.text("last_key");
  EXPECT_EQ(ids(world_.get(target + rest)), Ids{second});
  EXPECT_EQ(world_.get("/images?similar_to=" + second + rest).code(), "invalid_cursor");
  EXPECT_EQ(world_.get("/images?" + rest.substr(1)).code(), "invalid_cursor");
}

TEST_F(Similar, NeedsAnActiveImageToCompareWith) {
  const auto plain = active("");
  active("");
  EXPECT_EQ(ids(world_.get("/images?similar_to=" + plain)), Ids{});
  const std::string processing = world_.create().image_id.to_string();
  EXPECT_EQ(world_.get("/images?similar_to=" + processing).code(), "not_ready");
  EXPECT_EQ(world_.get("/images?similar_to=" + processing).status, 409);
  EXPECT_EQ(world_.remove("/images/" + plain).status, 200);
  EXPECT_EQ(world_.get("/images?similar_to=" + plain).status, 410);
  EXPECT_EQ(world_.get("/images?similar_to=0193578a-3c1f-7b52-9d3e-4f1a2b3c4d5e").status, 404);
  EXPECT_EQ(world_.get("/images?similar_to=it").status, 400);
  EXPECT_EQ(world_.get("/images?similar_to=it").json().at("errors").at(0).at("field"),
            "similar_to");
}

TEST_F(Similar, HidesTheImagesOfOthers) {
  const auto anns = active("0123456789abcdef");
  const auto ask = [&](const Caller& caller) {
    Request request;
    const std::string query = "similar_to=" + anns;
    request.raw_query = query;
    return list_handler(world_.api_context, caller, request).status;
  };
  Caller caller;
  caller.user_id = "ann";
  EXPECT_EQ(ask(caller), 200);
  caller.user_id = "bob";
  EXPECT_EQ(ask(caller), 404);
  caller.may_act_for_all = true;
  EXPECT_EQ(ask(caller), 200);
}

}  // namespace
}  // namespace tintype::testing
