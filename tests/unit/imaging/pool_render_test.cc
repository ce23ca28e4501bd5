// Renditions through the pool: what a worker wrote, and what one that was taken over may try.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "unit/imaging/pool_fixture.h"
#include "unit/imaging/worker/misbehaviour.h"
#include "unit/imaging/worker/pretence.h"

namespace tintype {
namespace {

using Images = Result<std::vector<RenderedImage>>;

std::vector<RenditionSpec> specs_of(std::initializer_list<MediaType> formats) {
  std::vector<RenditionSpec> specs;
  for (MediaType format : formats) {
    RenditionSpec spec;
    spec.width = 100;
    spec.format = format;
    spec.quality = 80;
    spec.animated = false;
    specs.push_back(spec);
  }
  return specs;
}

ImageFacts small_facts() {
  ImageFacts facts;
  facts.width = 300;
  facts.height = 150;
  return facts;
}

Images pretend(WorkerPool& pool, const std::string& words,
               std::initializer_list<MediaType> formats = {MediaType::jpeg, MediaType::webp},
               Deadline deadline = deadline_in(seconds(60))) {
  std::string input = std::string(kPretend) + words;
  UniqueFd fd = file_of(input);
  return pool.render({fd.get(), input.size()}, small_facts(), specs_of(formats), {}, deadline);
}

std::string code_of(const Images& images) { return images.ok() ? "ok" : images.error().code; }

std::string bytes_of(const RenderedImage& image) {
  std::string bytes(image.size, '\0');
  EXPECT_EQ(pread(image.fd.get(), bytes.data(), bytes.size(), 0),
            static_cast<ssize_t>(bytes.size()));
  return bytes;
}

TEST(PoolRender, returns_what_the_worker_wrote) {
  auto pool = make_pool();
  auto images = pretend(*pool, "good");
  ASSERT_TRUE(images.ok()) << images.error().detail;
  ASSERT_EQ(images->size(), 2u);
  EXPECT_EQ(bytes_of((*images)[0]), "picture 0");
  EXPECT_EQ(bytes_of((*images)[1]), "picture 1");
  EXPECT_EQ((*images)[1].content_type, MediaType::webp);
  EXPECT_EQ((*images)[1].width, 100u);
  EXPECT_EQ((*images)[1].height, 50u);
}

TEST(PoolRender, can_make_as_many_as_fit_one_job) {
  auto pool = make_pool();
  std::string input = std::string(kPretend) + "good";
  UniqueFd fd = file_of(input);
  auto render = [&](std::size_t count) {
    std::vector<RenditionSpec> specs(count, specs_of({MediaType::avif})[0]);
    return pool->render({fd.get(), input.size()}, small_facts(), specs, {},
                        deadline_in(seconds(60)));
  };
  auto most = render(kMaxRenditionsAtOnce);
  ASSERT_TRUE(most.ok()) << most.error().detail;
  EXPECT_EQ(bytes_of(most->back()), "picture 11");
  EXPECT_TRUE(render(kMaxRenditionsAtOnce + 1).error().is(ErrorKind::internal));
  EXPECT_TRUE(render(0).error().is(ErrorKind::internal));
}

TEST(PoolRender, takes_no_spec_that_leaves_the_format_open) {
  auto pool = make_pool();
  UniqueFd fd = file_of("x");
  auto images =
      pool->render({fd.get(), 1}, small_facts(), {RenditionSpec{}}, {}, deadline_in(seconds(60)));
  EXPECT_TRUE(images.error().is(ErrorKind::internal));
}

TEST(PoolRender, believes_no_lie) {
  auto pool = make_pool();
  for (std::string lie :
       {"few", "many", "gif", "empty", "long", "endless", "narrow", "wide", "still"})
    EXPECT_EQ(code_of(pretend(*pool, lie)), "corrupt_image") << lie;
  EXPECT_EQ(code_of(pretend(*pool, "good")), "ok");
  EXPECT_EQ(pool->stats().crashed, 0u);
}

TEST(PoolRender, nobody_can_change_a_picture) {
  auto options = test_options();
  options.workers = 1;
  auto pool = make_pool(options);
  for (std::string how : {"keep", "map", "keep:map"}) {
    auto images = pretend(*pool, how);
    ASSERT_TRUE(images.ok()) << images.error().detail;
    auto scribbled = pool->run(misbehave(Misbehaviour::scribble), {}, deadline_in(seconds(30)));
    ASSERT_TRUE(scribbled.ok());
    if (how == "keep") {
      EXPECT_EQ(*scribbled, "denied");
    }
    EXPECT_EQ(bytes_of((*images)[0]), "picture 0") << how;
    int seals = fcntl((*images)[0].fd.get(), F_GET_SEALS);
    EXPECT_EQ(seals & (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL),
              F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    EXPECT_EQ(write((*images)[0].fd.get(), "X", 1), -1);
  }
}

TEST(PoolRender, bounds_what_a_worker_writes) {
  auto options = test_options();
  auto pool = make_pool(options);
  auto images = pretend(*pool, "fill", {MediaType::png});
  ASSERT_TRUE(images.ok()) << images.error().detail;
  EXPECT_EQ((*images)[0].size, 1ull << 29);
  images = pretend(*pool, "fill", {MediaType::png, MediaType::png, MediaType::png});
  EXPECT_EQ(code_of(images), "corrupt_image");
}

TEST(PoolRender, a_worker_that_ends_costs_only_its_own_request) {
  auto options = test_options();
  options.job_timeout = seconds(1);
  auto pool = make_pool(options);
  std::atomic<int> wrong{0};
  std::atomic<bool> done{false};
  std::vector<std::jthread> good;
  for (int t = 0; t < 8; ++t)
    good.emplace_back([&] {
      while (!done) {
        auto images = pretend(*pool, "good");
        if (!images.ok() || bytes_of((*images)[1]) != "picture 1") ++wrong;
      }
    });
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(code_of(pretend(*pool, "crash")), "corrupt_image");
    EXPECT_EQ(code_of(pretend(*pool, "abort")), "corrupt_image");
    EXPECT_EQ(code_of(pretend(*pool, "hang")), "processing_timeout");
  }
  done = true;
  good.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(pool->stats().crashed, 6u);
  EXPECT_EQ(pool->stats().timed_out, 3u);
}

std::int64_t file_size(const RenderedImage& image) {
  struct stat info {};
  EXPECT_EQ(fstat(image.fd.get(), &info), 0);
  return info.st_size;
}

TEST(PoolRender, begins_again_when_its_worker_is_killed) {
  auto options = test_options();
  options.workers = 1;
  auto pool = make_pool(options);
  std::jthread killer([&] {
    std::this_thread::sleep_for(milliseconds(300));
    for (int pid : pool->stats().pids) kill(pid, SIGKILL);
  });
  auto images = pretend(*pool, "spill:slower");
  ASSERT_TRUE(images.ok()) << images.error().detail;
  EXPECT_EQ(pool->stats().crashed, 1u);
  EXPECT_EQ(bytes_of((*images)[1]), "picture 1");
  EXPECT_EQ(file_size((*images)[0]), 5 + 9) << "what the first worker wrote is gone";
}

TEST(PoolRender, refuses_at_once_when_too_many_wait) {
  auto options = test_options();
  options.workers = 1;
  options.queue = 2;
  auto pool = make_pool(options);
  std::atomic<int> ok{0};
  std::atomic<int> overloaded{0};
  std::atomic<int> other{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&] {
        std::string code = code_of(pretend(*pool, "slow"));
        ++(code == "ok" ? ok : code == "overloaded" ? overloaded : other);
      });
  }
  EXPECT_GE(ok, 3);  // more when a thread was late
  EXPECT_GE(overloaded, 1);
  EXPECT_EQ(other, 0);
  EXPECT_EQ(code_of(pretend(*pool, "good")), "ok");
}

TEST(PoolRender, runs_one_at_a_time_when_memory_is_short) {
  auto options = test_options();
  options.workers = 2;
  options.eager = true;
  options.memory_budget = 1;  // every job is larger, and runs alone
  auto pool = make_pool(options);
  for (int i = 0; i < 200 && pool->stats().pids.size() < 2; ++i)
    std::this_thread::sleep_for(milliseconds(20));
  auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] { EXPECT_EQ(code_of(pretend(*pool, "slow")), "ok"); });
  }
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(4 * 200));
}

}  // namespace
}  // namespace tintype
