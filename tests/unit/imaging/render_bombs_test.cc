// Files that are made to cost more than they weigh, through real workers: each is refused or
// rendered within its limits, while others go on undisturbed.
#include <atomic>
#include <thread>

#include "support/pictures.h"
#include "support/sample_images.h"
#include "unit/imaging/pool_fixture.h"

namespace tintype {
namespace {

using namespace std::string_literals;

std::string be(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

// The same bytes with the size in their header made another.
std::string lying_jpeg(std::uint32_t width, std::uint32_t height) {
  auto file = samples::progressive_jpeg(64, 48);
  const auto frame = file.find("\xFF\xC2");
  return file.replace(frame + 5, 4, be(height, 2) + be(width, 2));
}

std::string lying_gif(std::uint32_t width, std::uint32_t height) {
  auto file = samples::gif(64, 48);
  auto le = [](std::uint32_t value) {
    return std::string{static_cast<char>(value), static_cast<char>(value >> 8)};
  };
  return file.replace(6, 4, le(width) + le(height));
}

// RFC 9649 §2.7: the canvas in the extended header, each side less one in 24 bits.
std::string lying_webp(std::uint32_t side) {
  auto file = samples::animated_webp(2, 64, 48);
  auto le = [](std::uint32_t value) {
    return std::string{static_cast<char>(value), static_cast<char>(value >> 8),
                       static_cast<char>(value >> 16)};
  };
  return file.replace(24, 6, le(side - 1) + le(side - 1));
}

// The property that says how large the picture is.
std::string lying_avif(std::uint32_t side) {
  auto file = samples::avif(64, 48);
  return file.replace(file.find("ispe") + 8, 8, be(side, 4) + be(side, 4));
}

// Next to no bytes, whatever its size.
std::string even_picture(int side, const char* suffix) {
  VipsImage* black = nullptr;
  EXPECT_EQ(vips_black(&black, side, side, nullptr), 0);
  return pictures::written(pictures::Picture(black, g_object_unref), suffix);
}

// A scan weighs a few bytes and costs a walk over a quarter of a million blocks.
std::string jpeg_of_many_scans(int count) {
  const auto file = even_picture(4096, ".jpg[interlace]");
  const auto scan = file.rfind("\xFF\xDA"), end = file.rfind("\xFF\xD9");
  const auto one = file.substr(scan, end - scan);
  std::string all = file.substr(0, end);
  for (int i = 0; i < count && all.size() < (9u << 20); ++i) all += one;
  return all + "\xFF\xD9";
}

// Segments of 64 KiB that pretend to be parts of an ICC profile, or anything else.
std::string jpeg_with_segments(int marker, const std::string& head, int count) {
  const auto file = samples::jpeg();
  std::string segments;
  for (int i = 1; i <= count; ++i) {
    std::string data = head;
    if (marker == 0xE2) data += be(static_cast<std::uint32_t>(i), 1) + be(count, 1);
    data.resize(65533, 'x');
    segments += "\xFF"s + static_cast<char>(marker) + be(65535, 2) + data;
  }
  return file.substr(0, 2) + segments + file.substr(2);
}

RenditionSpec small(MediaType format) {
  RenditionSpec spec;
  spec.width = 100;
  spec.format = format;
  spec.animated = format == MediaType::webp;
  return spec;
}

struct Outcome {
  std::string examined;
  std::string rendered;
  std::chrono::milliseconds took{0};
};

class RenderBombs : public ::testing::Test {
 protected:
  Outcome run(const std::string& file, milliseconds deadline = seconds(20)) {
    const auto start = std::chrono::steady_clock::now();
    Outcome outcome;
    UniqueFd fd = file_of(file);
    const ImageSource source{fd.get(), file.size()};
    auto examined = pool_->examine(source, {small(MediaType::jpeg)}, {}, deadline_in(deadline));
    outcome.examined = examined.ok() ? "ok" : examined.error().code;
    auto rendered =
        pool_->render(source, ImageFacts{}, {small(MediaType::webp)}, {}, deadline_in(deadline));
    outcome.rendered = rendered.ok() ? "ok" : rendered.error().code;
    outcome.took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    return outcome;
  }
  void expect_refused(const std::string& file, const std::string& code, const char* what) {
    const auto outcome = run(file);
    EXPECT_EQ(outcome.examined, code) << what;
    EXPECT_EQ(outcome.rendered, code) << what;
    EXPECT_LT(outcome.took, seconds(5)) << what;
  }

  std::unique_ptr<WorkerPool> pool_ = make_pool();
};

TEST_F(RenderBombs, of_huge_sides_are_refused_by_their_header) {
  expect_refused(lying_jpeg(60'000, 60'000), "too_many_pixels", "jpeg");
  expect_refused(lying_gif(60'000, 60'000), "too_many_pixels", "gif");
  expect_refused(lying_webp(30'000), "too_many_pixels", "webp");
  expect_refused(lying_avif(60'000), "too_many_pixels", "avif");
  expect_refused(samples::huge_png(), "too_many_pixels", "png");
  EXPECT_EQ(pool_->stats().crashed, 0u);
}

// As large as it may be, with next to nothing in it: a worker's time, within its limits.
TEST_F(RenderBombs, within_the_limits_end_by_their_deadline) {
  for (const auto& file : {lying_jpeg(10'000, 10'000), lying_gif(10'000, 10'000),
                           lying_webp(10'000), lying_avif(10'000)}) {
    const auto outcome = run(file);
    EXPECT_NE(outcome.examined, "internal");
    EXPECT_LT(outcome.took, seconds(45));
  }
  EXPECT_EQ(run(samples::png()).rendered, "ok");
}

TEST_F(RenderBombs, of_frames_are_refused_or_rendered) {
  expect_refused(samples::many_frames_gif(1001), "too_many_frames", "gif");
  const auto most = run(samples::many_frames_gif(1000));
  EXPECT_EQ(most.examined, "ok");
  EXPECT_EQ(most.rendered, "ok");
  const auto webp = run(samples::animated_webp(200, 16, 12));
  EXPECT_EQ(webp.examined, "ok");
  EXPECT_EQ(webp.rendered, "ok");
}

TEST_F(RenderBombs, of_scans_are_refused_early) {
  expect_refused(jpeg_of_many_scans(20'000), "corrupt_image", "scans");
  EXPECT_EQ(pool_->stats().timed_out, 0u);
}

TEST_F(RenderBombs, of_metadata_are_rendered_or_refused_in_time) {
  const std::string icc("ICC_PROFILE\0", 12), exif("Exif\0\0", 6);
  for (const auto& file :
       {jpeg_with_segments(0xE2, icc, 120), jpeg_with_segments(0xE1, exif, 120),
        jpeg_with_segments(0xE1, "http://ns.adobe.com/xap/1.0/", 120),
        jpeg_with_segments(0xFE, "comment", 120), samples::icc_bomb_png(50'000'000),
        samples::text_bomb_png(20, 5'000'000)}) {
    const auto outcome = run(file);
    EXPECT_TRUE(outcome.rendered == "ok" || outcome.rendered == "corrupt_image")
        << outcome.rendered;
    EXPECT_LT(outcome.took, seconds(10));
  }
  EXPECT_EQ(pool_->stats().timed_out, 0u);
}

TEST_F(RenderBombs, do_not_disturb_others) {
  std::atomic<bool> done{false};
  std::atomic<int> good{0}, bad{0};
  std::jthread other([&] {
    const auto photo = samples::jpeg(200, 150);
    UniqueFd fd = file_of(photo);
    while (!done) {
      auto made = pool_->render({fd.get(), photo.size()}, ImageFacts{}, {small(MediaType::jpeg)},
                                {}, deadline_in(seconds(20)));
      ++(made.ok() ? good : bad);
    }
  });
  const std::string bombs[] = {lying_jpeg(10'000, 10'000), samples::many_frames_gif(1000),
                               samples::text_bomb_png(20, 20'000'000),
                               samples::truncated(samples::jpeg(400, 300))};
  for (int round = 0; round < 3; ++round)
    for (const auto& bomb : bombs) run(bomb, milliseconds(150));
  done = true;
  other.join();
  EXPECT_EQ(bad, 0);
  EXPECT_GT(good, 5);
}

// libvips decodes WebP as a whole, and would put what is larger than 100 MB into a file.
TEST_F(RenderBombs, that_are_large_webps_within_the_limits_are_none) {
  auto pool = make_pool(test_options());
  auto facts = inspect_bytes(*pool, even_picture(6'100, ".webp"));
  ASSERT_TRUE(facts.ok()) << facts.error().detail;
  EXPECT_EQ(facts->width, 6100u);
}

TEST_F(RenderBombs, that_need_more_memory_than_a_worker_has_are_too_large_and_not_corrupt) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "workers have no limit here";
#endif
  auto options = test_options();
  options.worker_memory = 200ull << 20;
  pool_ = make_pool(options);
  for (const char* kind : {".jpg[interlace]", ".avif[effort=0]", ".webp"}) {
    SCOPED_TRACE(kind);
    const auto file = even_picture(9'000, kind);
    UniqueFd fd = file_of(file);
    auto examined = pool_->examine({fd.get(), file.size()}, {}, {}, deadline_in(seconds(60)));
    ASSERT_FALSE(examined.ok());
    EXPECT_EQ(examined.error().code, "too_many_pixels");
    EXPECT_EQ(examined.error().detail,
              "The image needs more memory to decode than a worker may use.");
  }
  EXPECT_EQ(pool_->stats().crashed, 0u);
}

// The reducer keeps all of the rows that one pixel of the result is made of.
TEST_F(RenderBombs, that_need_more_memory_to_be_reduced_are_too_large) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "workers have no limit here";
#endif
  auto options = test_options();
  options.worker_memory = 180ull << 20;
  pool_ = make_pool(options);
  const auto file = even_picture(9'000, ".png");
  UniqueFd fd = file_of(file);
  auto sliver = small(MediaType::jpeg);
  sliver.height = 1;
  sliver.fit = Fit::fill;
  auto rendered =
      pool_->render({fd.get(), file.size()}, ImageFacts{}, {sliver}, {}, deadline_in(seconds(60)));
  ASSERT_FALSE(rendered.ok());
  EXPECT_EQ(rendered.error().code, "too_many_pixels") << rendered.error().detail;
  EXPECT_EQ(pool_->stats().crashed, 0u);
}

TEST_F(RenderBombs, that_outlast_a_jobs_time_cost_a_clear_error) {
  const auto file = even_picture(9'000, ".png[interlace]");
  ASSERT_LT(file.size(), 1u << 20);
  auto options = test_options();
  options.job_timeout = milliseconds(50);
  pool_ = make_pool(options);
  const auto outcome = run(file);
  EXPECT_EQ(outcome.examined, "processing_timeout");
  EXPECT_EQ(outcome.rendered, "processing_timeout");
  EXPECT_EQ(pool_->stats().timed_out, 2u);
}

TEST_F(RenderBombs, that_outlast_their_caller_are_not_called_bad) {
  const auto file = even_picture(9'000, ".png[interlace]");
  UniqueFd fd = file_of(file);
  const ImageSource source{fd.get(), file.size()};
  auto examined = pool_->examine(source, {}, {}, deadline_in(milliseconds(50)));
  EXPECT_EQ(examined.ok() ? "ok" : examined.error().code, "deadline_exceeded");
  EXPECT_EQ(run(samples::png()).rendered, "ok");
  auto rendered = pool_->render(source, ImageFacts{}, {small(MediaType::jpeg)}, {},
                                deadline_in(milliseconds(50)));
  EXPECT_EQ(rendered.ok() ? "ok" : rendered.error().code, "deadline_exceeded");
  EXPECT_EQ(run(samples::png()).rendered, "ok");
  EXPECT_EQ(pool_->stats().timed_out, 2u);
  EXPECT_EQ(run(file).rendered, "ok") << "with more time";
}

}  // namespace
}  // namespace tintype
