// Real renditions by confined workers: every encoder lives with the filter, and jobs that end badly
// cost nobody else.
#include <signal.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <map>

#include "support/sample_images.h"
#include "unit/imaging/pool_fixture.h"
#include "unit/imaging/worker/misbehaviour.h"

namespace tintype {
namespace {

constexpr MediaType kFormats[] = {MediaType::jpeg, MediaType::png, MediaType::webp, MediaType::gif,
                                  MediaType::avif};

RenditionSpec spec_of(MediaType format, std::uint32_t side) {
  RenditionSpec spec;
  spec.width = side;
  spec.height = side;
  spec.format = format;
  spec.quality = 80;
  spec.animated = false;
  return spec;
}

ImageFacts facts_of(std::uint32_t width, std::uint32_t height) {
  ImageFacts facts;
  facts.width = width;
  facts.height = height;
  return facts;
}

Result<std::vector<RenderedImage>> render_bytes(WorkerPool& pool, const std::string& bytes,
                                                const std::vector<RenditionSpec>& specs) {
  UniqueFd fd = file_of(bytes);
  return pool.render({fd.get(), bytes.size()}, facts_of(600, 400), specs, {},
                     deadline_in(seconds(60)));
}

std::string bytes_of(const RenderedImage& image) {
  std::string bytes(image.size, '\0');
  EXPECT_EQ(pread(image.fd.get(), bytes.data(), bytes.size(), 0),
            static_cast<ssize_t>(bytes.size()));
  return bytes;
}

// What a decoder thinks of a rendition must be what the worker said.
void expect_true(WorkerPool& pool, const RenderedImage& image, MediaType format) {
  auto facts = inspect_bytes(pool, bytes_of(image));
  ASSERT_TRUE(facts.ok()) << facts.error().detail;
  EXPECT_EQ(facts->content_type, format);
  EXPECT_EQ(image.content_type, format);
  EXPECT_EQ(facts->width, image.width);
  EXPECT_EQ(facts->height, image.height);
}

std::map<std::string, std::string> sources() {
  return {{"jpeg", samples::jpeg(600, 400)},
          {"progressive", samples::progressive_jpeg(600, 400)},
          {"cmyk", samples::cmyk_jpeg(600, 400)},
          {"png", samples::png_with_alpha(600, 400)},
          {"p3", samples::p3_png()},
          {"webp", samples::webp(600, 400)},
          {"animated webp", samples::animated_webp(3)},
          {"gif", samples::animated_gif(3)},
          {"avif", samples::avif(600, 400)}};
}

TEST(PoolEncoders, work_behind_the_filter) {
  auto options = test_options();
  options.sandbox = SandboxPolicy::required;
  auto pool = make_pool(options);
  for (const auto& [name, source] : sources()) {
    for (MediaType format : kFormats) {
      SCOPED_TRACE(name + " to " + std::string(media_type_name(format)));
      auto images = render_bytes(*pool, source, {spec_of(format, 200)});
      ASSERT_TRUE(images.ok()) << images.error().detail;
      expect_true(*pool, images->at(0), format);
    }
  }
  EXPECT_EQ(pool->stats().crashed, 0u);
}

// Encoders start threads and take other paths where there is more to do.
TEST(PoolEncoders, work_behind_the_filter_on_large_pictures_in_every_quality) {
  const std::string source = samples::jpeg(2400, 1600);
  for (auto quality : {QualityMode::fast, QualityMode::balanced, QualityMode::best}) {
    auto options = test_options();
    options.sandbox = SandboxPolicy::required;
    options.policy.quality = quality;
    auto pool = make_pool(options);
    for (MediaType format : kFormats) {
      SCOPED_TRACE(media_type_name(format));
      auto images = render_bytes(*pool, source, {spec_of(format, 1000)});
      ASSERT_TRUE(images.ok()) << images.error().detail;
      expect_true(*pool, images->at(0), format);
    }
    EXPECT_EQ(pool->stats().crashed, 0u);
  }
}

TEST(PoolEncoders, work_behind_the_filter_on_animations) {
  auto pool = make_pool();
  for (const auto& source : {samples::animated_gif(5, 64, 48), samples::animated_webp(5, 64, 48)})
    for (MediaType format : {MediaType::webp, MediaType::gif}) {
      auto spec = spec_of(format, 32);
      spec.animated = true;
      auto images = render_bytes(*pool, source, {spec});
      ASSERT_TRUE(images.ok()) << images.error().detail;
      EXPECT_EQ(images->at(0).frames, 5u);
      auto facts = inspect_bytes(*pool, bytes_of(images->at(0)));
      ASSERT_TRUE(facts.ok()) << facts.error().detail;
      EXPECT_EQ(facts->frames, 5u);
    }
}

TEST(PoolEncoders, work_behind_the_filter_on_heic) {
  auto pool = make_pool();
  if (!pool->has_heic()) GTEST_SKIP() << "libheif is not installed";
  for (MediaType format : kFormats) {
    auto images = render_bytes(*pool, samples::heic(), {spec_of(format, 32)});
    ASSERT_TRUE(images.ok()) << images.error().detail;
    expect_true(*pool, images->at(0), format);
  }
}

TEST(PoolEncoders, make_a_whole_ladder_in_one_job) {
  auto pool = make_pool();
  std::vector<RenditionSpec> specs;
  for (std::uint32_t side : {400u, 200u, 64u})
    for (MediaType format : kFormats)
      if (specs.size() < kMaxRenditionsAtOnce) specs.push_back(spec_of(format, side));
  auto images = render_bytes(*pool, samples::jpeg(600, 400), specs);
  ASSERT_TRUE(images.ok()) << images.error().detail;
  ASSERT_EQ(images->size(), specs.size());
  for (std::size_t i = 0; i < specs.size(); ++i) {
    expect_true(*pool, images->at(i), *specs[i].format);
    EXPECT_EQ(images->at(i).width, specs[i].width);
  }
}

TEST(PoolEncoders, examine_and_render_in_one_job) {
  auto pool = make_pool();
  std::string bytes = samples::jpeg(600, 400);
  UniqueFd fd = file_of(bytes);
  auto spec = spec_of(MediaType::webp, 100);
  auto examined = pool->examine({fd.get(), bytes.size()}, {spec}, {}, deadline_in(seconds(60)));
  ASSERT_TRUE(examined.ok()) << examined.error().detail;
  EXPECT_EQ(examined->facts.width, 600u);
  ASSERT_EQ(examined->renditions.size(), 1u);
  expect_true(*pool, examined->renditions[0], MediaType::webp);
}

std::string code_of(const Result<std::string>& result) {
  return result.ok() ? "ok" : result.error().code;
}

TEST(PoolEncoders, are_not_disturbed_by_workers_that_end) {
  auto options = test_options();
  options.worker_memory = 700ull << 20;
  options.job_timeout = seconds(5);
  auto pool = make_pool(options);
  const std::string source = samples::jpeg(600, 400);
  std::atomic<bool> done{false};
  std::atomic<int> good{0};
  std::atomic<int> bad{0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      while (!done) {
        auto images = render_bytes(*pool, source, {spec_of(kFormats[t % 4], 100)});
        ++(images.ok() && images->at(0).width == 100 ? good : bad);
      }
    });
  auto run = [&](Misbehaviour what) {
    return code_of(pool->run(misbehave(what), {}, deadline_in(seconds(60))));
  };
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(run(Misbehaviour::crash), "corrupt_image");
    EXPECT_EQ(run(Misbehaviour::allocate), "ok");  // until malloc says no
  }
  EXPECT_EQ(run(Misbehaviour::hang), "processing_timeout");
  done = true;
  threads.clear();
  EXPECT_GT(good, 8);
  EXPECT_EQ(bad, 0);
}

// Eight threads that have pictures made for as long as it lives.
class Crowd {
 public:
  explicit Crowd(WorkerPool& pool) {
    for (std::size_t t = 0; t < made_.size(); ++t)
      threads_.emplace_back([this, t, &pool](std::stop_token stop) {
        for (; !stop.stop_requested(); ++made_[t]) {
          auto images = render_bytes(pool, source_, {spec_of(MediaType::webp, 200)});
          if (!images.ok()) ++failed_;
        }
      });
  }
  // Until every picture that was in work is made.
  void wait_for_all() const {
    std::vector<int> before(made_.begin(), made_.end());
    for (std::size_t t = 0; t < made_.size(); ++t)
      while (made_[t] <= before[t]) std::this_thread::sleep_for(milliseconds(5));
  }
  int failed() const { return failed_; }

 private:
  const std::string source_ = samples::jpeg(600, 400);
  std::array<std::atomic<int>, 8> made_{};
  std::atomic<int> failed_{0};
  std::vector<std::jthread> threads_;
};

// In the middle of whatever the worker does. Only a job that lost two workers would be lost.
TEST(PoolEncoders, lose_no_job_to_the_kill_of_a_worker) {
  auto pool = make_pool();
  Crowd crowd(*pool);
  int kills = 0;
  for (int i = 0; i < 10; ++i) {
    crowd.wait_for_all();
    std::this_thread::sleep_for(milliseconds(7 * i));
    auto pids = pool->stats().pids;
    if (!pids.empty() && kill(pids.front(), SIGKILL) == 0) ++kills;
  }
  crowd.wait_for_all();
  EXPECT_GT(kills, 5);
  EXPECT_GE(pool->stats().crashed, 1u);
  EXPECT_EQ(crowd.failed(), 0);
}

}  // namespace
}  // namespace tintype
