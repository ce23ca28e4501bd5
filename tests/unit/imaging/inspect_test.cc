// Every accepted type, and every way in which a file can be bad, through real worker processes.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

#include "support/sample_images.h"
#include "unit/imaging/pool_fixture.h"

namespace tintype {
namespace {

class InspectTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { pool_ = make_pool(); }
  static void TearDownTestSuite() { pool_.reset(); }
  Result<ImageFacts> inspect(std::string_view bytes, const Limits& limits = {}) {
    return inspect_bytes(*pool_, bytes, limits);
  }
  void expect_size(std::string_view bytes, MediaType type, std::uint32_t width,
                   std::uint32_t height, std::uint32_t frames = 1) {
    auto facts = inspect(bytes);
    ASSERT_TRUE(facts.ok()) << facts.error().code << ": " << facts.error().detail;
    EXPECT_EQ(facts->content_type, type);
    EXPECT_EQ(facts->width, width);
    EXPECT_EQ(facts->height, height);
    EXPECT_EQ(facts->frames, frames);
  }
  static std::unique_ptr<WorkerPool> pool_;
};
std::unique_ptr<WorkerPool> InspectTest::pool_;

TEST_F(InspectTest, sees_type_and_size_of_every_accepted_format) {
  expect_size(samples::jpeg(65, 47), MediaType::jpeg, 65, 47);
  expect_size(samples::progressive_jpeg(65, 47), MediaType::jpeg, 65, 47);
  expect_size(samples::cmyk_jpeg(65, 47), MediaType::jpeg, 65, 47);
  expect_size(samples::png(65, 47), MediaType::png, 65, 47);
  expect_size(samples::png_16_bit(65, 47), MediaType::png, 65, 47);
  expect_size(samples::webp(65, 47), MediaType::webp, 65, 47);
  expect_size(samples::lossless_webp(65, 47), MediaType::webp, 65, 47);
  expect_size(samples::animated_webp(5, 65, 47), MediaType::webp, 65, 47, 5);
  expect_size(samples::gif(65, 47), MediaType::gif, 65, 47);
  expect_size(samples::animated_gif(7, 65, 47), MediaType::gif, 65, 47, 7);
  expect_size(samples::avif(65, 47), MediaType::avif, 65, 47);
}

TEST_F(InspectTest, sees_heic_as_displayed_where_it_is_supported) {
  auto facts = inspect(samples::heic());
  if (!pool_->has_heic()) {
    EXPECT_EQ(outcome(facts), "unsupported_format");
    EXPECT_NE(facts.error().detail.find("HEIC support is not installed"), std::string::npos);
    return;
  }
  ASSERT_TRUE(facts.ok()) << facts.error().detail;
  EXPECT_EQ(facts->content_type, MediaType::heic);
  EXPECT_EQ(facts->width, 48u);
  EXPECT_EQ(facts->height, 64u);
  EXPECT_EQ(facts->orientation, 1);
  EXPECT_EQ(facts->exif_json, R"({"camera_make":"Maker"})");
}

TEST_F(InspectTest, sees_transparency) {
  EXPECT_TRUE(inspect(samples::png_with_alpha())->has_alpha);
  EXPECT_TRUE(inspect(samples::lossless_webp())->has_alpha);
  EXPECT_FALSE(inspect(samples::png())->has_alpha);
  EXPECT_FALSE(inspect(samples::jpeg())->has_alpha);
}

TEST_F(InspectTest, names_the_colour_profile) {
  EXPECT_EQ(inspect(samples::p3_png())->color_profile, "Display P3");
  EXPECT_NE(inspect(samples::cmyk_jpeg())->color_profile, "");
  EXPECT_EQ(inspect(samples::png())->color_profile, "");
}

TEST_F(InspectTest, turns_the_size_by_the_orientation) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    auto facts = inspect(samples::with_exif(samples::jpeg(64, 48), {.orientation = orientation}));
    ASSERT_TRUE(facts.ok());
    EXPECT_EQ(facts->orientation, orientation);
    EXPECT_EQ(facts->width, orientation >= 5 ? 48u : 64u);
    EXPECT_EQ(facts->height, orientation >= 5 ? 64u : 48u);
  }
}

TEST_F(InspectTest, keeps_camera_facts_and_location_apart) {
  auto facts = inspect(samples::with_exif(samples::jpeg(), {.camera = true, .gps = true}));
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(facts->exif_json,
            R"({"camera_make":"Tintype Works","camera_model":"Model 1","lens":"Tintype 35mm F2.8",)"
            R"("exposure_time":"1/250","f_number":2.8,"iso":200,"focal_length":35,)"
            R"("taken_at":"2026-05-01T12:34:56+02:00","software":"Firmware 1.0",)"
            "\"copyright\":\"\xC2\xA9 J\xC3\xBCrgen\"}");
  EXPECT_EQ(facts->location_json, R"({"latitude":52.52,"longitude":-13.41,"altitude":-34.5})");
  EXPECT_EQ(inspect(samples::jpeg())->exif_json, "{}");
  EXPECT_EQ(inspect(samples::jpeg())->location_json, "");
}

TEST_F(InspectTest, refuses_what_is_no_accepted_image) {
  EXPECT_EQ(outcome(inspect(samples::text())), "not_an_image");
  EXPECT_EQ(outcome(inspect(samples::svg())), "unsupported_format");
  EXPECT_EQ(outcome(inspect(samples::tiff())), "unsupported_format");
  EXPECT_EQ(outcome(inspect("")), "not_an_image");
  EXPECT_EQ(outcome(inspect("x")), "not_an_image");
}

TEST_F(InspectTest, refuses_truncated_files_of_every_type) {
  for (const auto& file :
       {samples::jpeg(640, 480), samples::progressive_jpeg(640, 480), samples::png(640, 480),
        samples::webp(640, 480), samples::lossless_webp(640, 480), samples::gif(640, 480),
        samples::animated_gif(5, 200, 100), samples::animated_webp(5, 200, 100),
        samples::avif(640, 480)})
    for (double keep : {0.3, 0.6, 0.9})
      EXPECT_EQ(outcome(inspect(samples::truncated(file, keep))), "corrupt_image")
          << file.substr(0, 12) << " " << file.size() << " x " << keep;
  if (pool_->has_heic()) {
    EXPECT_EQ(outcome(inspect(samples::truncated(samples::heic(), 0.85))), "corrupt_image");
  }
}

std::string detail(const Result<ImageFacts>& result) {
  return result.ok() ? "" : result.error().detail;
}

TEST_F(InspectTest, says_plainly_what_is_wrong_with_a_file) {
  for (const auto& file : {samples::jpeg(), samples::progressive_jpeg(), samples::png(),
                           samples::webp(), samples::gif(), samples::avif()}) {
    EXPECT_EQ(detail(inspect(samples::truncated(file, 0.8))),
              "The file ends before the image does.");
    // A decoder that has complained about this file has nothing to say about the next.
    EXPECT_EQ(outcome(inspect(file)), "ok");
  }
  std::string damaged = samples::png();
  damaged.replace(damaged.find("IDAT") + 10, 10, "damaged!!!");
  EXPECT_EQ(detail(inspect(damaged)), "The image is damaged and cannot be decoded.");
  EXPECT_EQ(detail(inspect(samples::corrupt_header_jpeg() + "\xFF\xD9")),
            "The image is damaged and cannot be decoded.");
  if (pool_->has_heic()) {
    EXPECT_EQ(detail(inspect(samples::truncated(samples::heic(), 0.85))),
              "The file ends before the image does.");
  }
}

TEST_F(InspectTest, refuses_corrupt_headers) {
  EXPECT_EQ(outcome(inspect(samples::corrupt_header_jpeg())), "corrupt_image");
  EXPECT_EQ(outcome(inspect(samples::zero_size_png())), "corrupt_image");
}

TEST_F(InspectTest, refuses_bombs_before_decoding_them) {
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome(inspect(samples::huge_png())), "too_many_pixels");
  EXPECT_EQ(outcome(inspect(samples::many_frames_gif())), "too_many_frames");
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(2));
}

TEST_F(InspectTest, holds_each_limit) {
  Limits limits;
  limits.max_pixels = 64 * 48;
  limits.max_total_pixels = 64 * 48 * 3;
  limits.max_frames = 4;
  limits.max_side = 100;
  EXPECT_EQ(outcome(inspect(samples::jpeg(64, 48), limits)), "ok");
  EXPECT_EQ(outcome(inspect(samples::jpeg(65, 48), limits)), "too_many_pixels");
  EXPECT_EQ(outcome(inspect(samples::avif(65, 48), limits)), "too_many_pixels");
  EXPECT_EQ(outcome(inspect(samples::png(101, 16), limits)), "too_many_pixels");
  EXPECT_EQ(outcome(inspect(samples::animated_gif(3), limits)), "ok");
  EXPECT_EQ(outcome(inspect(samples::animated_gif(4), limits)), "too_many_pixels");
  EXPECT_EQ(outcome(inspect(samples::animated_webp(4), limits)), "too_many_pixels");
  EXPECT_EQ(outcome(inspect(samples::animated_webp(5), limits)), "too_many_frames");
}

// The most memory that any live worker has had resident, in MB.
int peak_megabytes(const WorkerPool& pool) {
  int peak = 0;
  for (int pid : pool.stats().pids) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmHWM:")) peak = std::max(peak, std::stoi(line.substr(6)) / 1024);
  }
  return peak;
}

TEST_F(InspectTest, metadata_bombs_stay_within_the_memory_budget) {
  // Whether the picture is refused or its metadata dropped: nobody holds the inflated bytes.
  auto options = test_options();
  options.workers = 1;
  for (const auto& bomb : {samples::icc_bomb_png(), samples::text_bomb_png(50, 20'000'000)}) {
    ASSERT_LT(bomb.size(), 10u << 20);
    auto pool = make_pool(options);
    auto start = std::chrono::steady_clock::now();
    auto facts = inspect_bytes(*pool, bomb);
    EXPECT_TRUE(facts.ok() || facts.error().is(ErrorKind::unprocessable));
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("bomb of %zu bytes: %s, %.1f s, peak %d MB\n", bomb.size(), outcome(facts).c_str(),
                took.count(), peak_megabytes(*pool));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_LT(peak_megabytes(*pool), 200);
#endif
  }
}

TEST_F(InspectTest, reads_only_the_stated_size_and_leaves_the_offset_alone) {
  std::string file = samples::png();
  UniqueFd fd = file_of(file + "and more behind it");
  lseek(fd.get(), 5, SEEK_SET);
  EXPECT_EQ(outcome(pool_->inspect({fd.get(), file.size()}, {}, deadline_in(seconds(9)))), "ok");
  EXPECT_EQ(lseek(fd.get(), 0, SEEK_CUR), 5);
  auto longer = pool_->inspect({fd.get(), file.size() + 100}, {}, deadline_in(seconds(9)));
  EXPECT_TRUE(longer.error().is(ErrorKind::internal));
}

// The same work without the filter, where workers end by returning from main (coverage counts
// them).
TEST(UnconfinedInspection, gives_the_same_answers) {
  auto options = test_options();
  options.sandbox = SandboxPolicy::off;
  auto pool = make_pool(options);
  for (const auto& file : {samples::jpeg(), samples::cmyk_jpeg(), samples::p3_png(),
                           samples::animated_webp(3), samples::animated_gif(3), samples::avif()}) {
    EXPECT_EQ(outcome(inspect_bytes(*pool, file)), "ok");
    EXPECT_EQ(outcome(inspect_bytes(*pool, samples::truncated(file, 0.6))), "corrupt_image");
  }
  auto camera = inspect_bytes(*pool, samples::with_exif(samples::jpeg(), {.camera = true}));
  EXPECT_NE(camera->exif_json, "{}");
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::heic())),
            pool->has_heic() ? "ok" : "unsupported_format");
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::svg())), "unsupported_format");
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::text())), "not_an_image");
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::huge_png())), "too_many_pixels");
}

void inspect_folder(WorkerPool& pool, const std::string& folder, int& files) {
  std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), closedir);
  ASSERT_TRUE(dir != nullptr) << folder;
  while (dirent* entry = readdir(dir.get())) {
    std::string name = entry->d_name;
    if (name.starts_with(".")) continue;
    std::string path = folder + "/" + name;
    if (entry->d_type == DT_DIR) {
      inspect_folder(pool, path, files);
      continue;
    }
    UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info {};
    ASSERT_EQ(fstat(fd.get(), &info), 0);
    auto start = std::chrono::steady_clock::now();
    auto facts = pool.inspect({fd.get(), static_cast<std::uint64_t>(info.st_size)}, {},
                              deadline_in(seconds(60)));
    auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    ++files;
    if (facts.ok())
      std::printf("%7.1f ms  %s %u x %u, %u frames, '%s' %s  %s\n", took * 1000,
                  std::string(media_type_name(facts->content_type)).c_str(), facts->width,
                  facts->height, facts->frames, facts->color_profile.c_str(),
                  facts->exif_json.c_str(), path.c_str());
    else
      std::printf("%7.1f ms  %s: %s  %s\n", took * 1000, facts.error().code.c_str(),
                  facts.error().detail.c_str(), path.c_str());
    EXPECT_TRUE(facts.ok() || facts.error().is(ErrorKind::unprocessable)) << path;
    bool meant_to_fail =
        name.starts_with("truncated") || name.starts_with("corrupt") || name.ends_with(".md");
    EXPECT_EQ(facts.ok(), !meant_to_fail) << path;
  }
}

TEST_F(InspectTest, photos_of_the_world) {
  const char* folder = std::getenv("TINTYPE_PHOTOS");
  if (!folder) {
    std::puts("*** SKIPPED: set TINTYPE_PHOTOS to a folder of real photos to inspect them ***");
    GTEST_SKIP();
  }
  int files = 0;
  inspect_folder(*pool_, folder, files);
  EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace tintype
