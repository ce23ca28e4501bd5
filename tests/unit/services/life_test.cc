// Create, update, download, delete, restore, purge and list, over the memory stores.
#include <gtest/gtest.h>

#include "services/delete_image.h"
#include "services/download_image.h"
#include "services/find_images.h"
#include "services/image_access.h"
#include "services/update_image.h"
#include "support/service_world.h"

namespace tintype::testing {
namespace {

TEST(CreateUpload, MakesARecordAndASignedUrl) {
  ServiceWorld world;
  auto created = create_upload(world.context, ServiceWorld::wish(), {});
  ASSERT_TRUE(created.ok());
  EXPECT_EQ(created->image.status, ImageStatus::processing);
  EXPECT_EQ(created->image.image_id.created_at(), created->image.upload_timestamp);
  EXPECT_NE(created->ticket.url.find("X-Amz-Signature="), std::string::npos);
  EXPECT_EQ(created->ticket.expires_at, world.clock.now() + std::chrono::minutes(15));
  EXPECT_EQ(world.memory_metadata.get(created->image.image_id)->filename, "photo.jpg");
}

TEST(CreateUpload, PostMakesAForm) {
  ServiceWorld world;
  auto created =
      create_upload(world.context, ServiceWorld::wish(), {UploadMethod::post, false, {}});
  ASSERT_TRUE(created.ok());
  EXPECT_EQ(created->ticket.fields.front().first, "key");
}

TEST(CreateUpload, TheSameContentIsADuplicateUnlessAllowed) {
  ServiceWorld world;
  auto image = world.create_active("hello");
  auto wish = ServiceWorld::wish(5);
  wish.sha256 = hex_encode(sha256("hello"));
  auto again = create_upload(world.context, wish, {});
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->image.image_id, image.image_id);
  auto allowed = create_upload(world.context, wish, {UploadMethod::put, true, {}});
  EXPECT_FALSE(allowed->duplicate);
  wish.user_id = "bob";
  EXPECT_FALSE(create_upload(world.context, wish, {})->duplicate);
}

TEST(CreateUpload, KeepsToTheQuota) {
  ServiceWorld world;
  world.context.limits.max_user_images = 1;
  world.create();
  auto second = create_upload(world.context, ServiceWorld::wish(), {});
  EXPECT_EQ(second.error().code, "quota_exceeded");
}

TEST(CreateUpload, AFaultLeavesNothing) {
  for (std::uint64_t n = 1; n <= 2; ++n) {
    ServiceWorld world;
    world.metadata.fail_at(n, unavailable_error("disk"));
    auto wish = ServiceWorld::wish();
    wish.sha256 = std::string(64, 'a');
    EXPECT_FALSE(create_upload(world.context, wish, {}).ok());
    EXPECT_EQ(*world.memory_metadata.usage("ann"), Usage{});
  }
}

TEST(Download, GivesASignedUrlWithTheName) {
  ServiceWorld world;
  auto image = world.create_active();
  auto link = download_image(world.context, image, {seconds(60), true});
  ASSERT_TRUE(link.ok());
  EXPECT_NE(link->url.find("response-content-disposition=attachment"), std::string::npos);
  EXPECT_EQ(link->expires_at, world.clock.now() + seconds(60));
}

TEST(Download, IsRefusedBeforeAndAfterItsLife) {
  ServiceWorld world;
  auto image = world.create_and_put();
  EXPECT_EQ(
      download_image(world.context, *world.memory_metadata.get(image.image_id), {}).error().code,
      "not_ready");
  (void)fail_upload(world.context, image.image_id, {"upload_expired", ""});
  EXPECT_EQ(
      download_image(world.context, *world.memory_metadata.get(image.image_id), {}).error().code,
      "not_ready");
  (void)delete_image(world.context, image.image_id, {});
  EXPECT_EQ(
      download_image(world.context, *world.memory_metadata.get(image.image_id), {}).error().code,
      "image_deleted");
}

TEST(ContentDisposition, QuotesAndEncodes) {
  EXPECT_EQ(content_disposition(true, "a.jpg"), "attachment; filename=\"a.jpg\"");
  EXPECT_EQ(content_disposition(false, "a \"b\".jpg"),
            "inline; filename=\"a _b_.jpg\"; filename*=UTF-8''a%20%22b%22.jpg");
  EXPECT_EQ(content_disposition(true, "Küste.jpg"),
            "attachment; filename=\"K_ste.jpg\"; filename*=UTF-8''K%C3%BCste.jpg");
}

TEST(Update, ChangesOnlyWhatIsSaid) {
  ServiceWorld world;
  auto image = world.create_active();
  ImagePatch patch;
  patch.filename = "new.jpg";
  patch.tags = std::vector<std::string>{"a"};
  patch.description = std::optional<std::string>("sea");
  patch.metadata_json = R"({"a":1})";
  patch.visibility = Visibility::public_;
  auto say = [&](const ImageMetadata&) { return Result<ImagePatch>(patch); };
  auto changed = update_image(world.context, image.image_id, image.revision, say);
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->filename, "new.jpg");
  EXPECT_EQ(changed->description, "sea");
  EXPECT_EQ(changed->revision, image.revision + 1);
  EXPECT_EQ(changed->s3_key, image.s3_key);
  // The same again changes nothing, not even the revision.
  EXPECT_EQ(update_image(world.context, image.image_id, {}, say)->revision, changed->revision);
  EXPECT_TRUE(update_image(world.context, image.image_id, image.revision, say)
                  .error()
                  .is(ErrorKind::stale));
  ImagePatch clear;
  clear.description = std::optional<std::string>();
  auto cleared = update_image(world.context, image.image_id, {},
                              [&](const ImageMetadata&) { return Result<ImagePatch>(clear); });
  EXPECT_FALSE(cleared->description);
}

TEST(Update, IsRefusedInTheTrash) {
  ServiceWorld world;
  auto image = world.create_active();
  (void)delete_image(world.context, image.image_id, {});
  auto changed = update_image(world.context, image.image_id, {}, [](const ImageMetadata&) {
    return Result<ImagePatch>(ImagePatch{});
  });
  EXPECT_TRUE(changed.error().is(ErrorKind::gone));
}

TEST(ChangeImage, SeesManyWritersThrough) {
  ServiceWorld world;
  auto image = world.create_active();
  int lost = 0;
  auto changed = change_image(world.context, image.image_id, std::nullopt,
                              [&](ImageMetadata& now) -> Result<bool> {
                                if (lost++ < 63) {  // each time, another writer comes first
                                  auto other = now;
                                  other.description = std::to_string(lost);
                                  TRY(world.metadata.update(other));
                                }
                                now.tags = {"mine"};
                                return true;
                              });
  ASSERT_TRUE(changed.ok()) << changed.error().detail;
  EXPECT_EQ(changed->description, "63");
  EXPECT_EQ(changed->tags, std::vector<std::string>{"mine"});
}

TEST(ChangeImage, GivesUpWhenItAlwaysLoses) {
  ServiceWorld world;
  auto image = world.create_active();
  auto changed = change_image(world.context, image.image_id, {}, [&](ImageMetadata& record) {
    auto other = *world.memory_metadata.get(image.image_id);
    EXPECT_TRUE(world.memory_metadata.update(other).ok());
    record.filename = "x.jpg";
    return Result<bool>(true);
  });
  EXPECT_TRUE(changed.error().is(ErrorKind::unavailable));
}

TEST(Delete, GoesToTheTrashAndBack) {
  ServiceWorld world;
  auto image = world.create_active();
  auto deleted = delete_image(world.context, image.image_id, image.revision);
  ASSERT_TRUE(deleted.ok());
  EXPECT_EQ(deleted->status, ImageStatus::deleted);
  EXPECT_EQ(deleted->purge_at, world.clock.now() + std::chrono::hours(720));
  EXPECT_EQ(*delete_image(world.context, image.image_id, {}), *deleted);
  auto restored = restore_image(world.context, image.image_id);
  EXPECT_EQ(restored->status, ImageStatus::active);
  EXPECT_FALSE(restored->purge_at);
  EXPECT_EQ(restore_image(world.context, image.image_id).error().code, "not_deleted");
}

TEST(Delete, AnUnfinishedUploadComesBackUnfinished) {
  ServiceWorld world;
  auto image = world.create();
  (void)delete_image(world.context, image.image_id, {});
  EXPECT_EQ(restore_image(world.context, image.image_id)->status, ImageStatus::processing);
}

TEST(Delete, RestoreComesTooLate) {
  ServiceWorld world;
  auto image = world.create_active();
  (void)delete_image(world.context, image.image_id, {});
  world.clock.advance(std::chrono::hours(721));
  EXPECT_TRUE(restore_image(world.context, image.image_id).error().is(ErrorKind::not_found));
}

TEST(Purge, TakesEverything) {
  ServiceWorld world;
  auto image = world.create_active();
  world.put_bytes(renditions_prefix(image.image_id) + "thumb", "small");
  EXPECT_TRUE(purge_image(world.context, image.image_id, -1).error().is(ErrorKind::stale));
  ASSERT_TRUE(purge_image(world.context, image.image_id, {}).ok());
  EXPECT_TRUE(world.keys().empty());
  EXPECT_TRUE(find_image(world.context, image.image_id).error().is(ErrorKind::not_found));
  EXPECT_TRUE(purge_image(world.context, image.image_id, {}).error().is(ErrorKind::not_found));
  EXPECT_EQ(*world.memory_metadata.usage("ann"), Usage{});
}

TEST(Purge, APurgingImageIsGoneForClients) {
  ServiceWorld world;
  auto image = world.create_active();
  world.objects.fail_at(1, unavailable_error("disk"));
  EXPECT_FALSE(purge_image(world.context, image.image_id, {}).ok());
  EXPECT_TRUE(find_image(world.context, image.image_id).error().is(ErrorKind::not_found));
}

TEST(Find, FillsShortPages) {
  ServiceWorld world;
  for (int i = 0; i < 5; ++i) {
    world.clock.advance(milliseconds(1));
    world.create_active("bytes" + std::to_string(i));
  }
  ImageQuery query;
  query.limit = 3;
  auto first = find_images(world.context, query);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->images.size(), 3u);
  ASSERT_TRUE(first->next);
  query.after = first->next;
  auto second = find_images(world.context, query);
  EXPECT_EQ(second->images.size(), 2u);
  EXPECT_FALSE(second->next);
}

}  // namespace
}  // namespace tintype::testing
