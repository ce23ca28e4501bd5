// What the metadata store costs, and whether it depends on how much is in it.
//
//   metadata_store_bench [images]     default 1000000
//
// Prints the median time of a page of 50 by user and by user and tag among 10,000 and among
// `images` images, and their ratio: for the same ten users' pages in both (what a store costs that
// grew around them); for the pages of all users alike (in the large store hardly ever in memory);
// and for those again without the record cache. Then a get, and inserts per second with 64 threads
// beside a bare loop of fdatasync in the same folder.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include <filesystem>
#include <thread>

#include "adapters/embedded/sqlite_metadata_store.h"
#include "support/image_builder.h"

namespace {

using namespace tintype;
using tintype::testing::ImageBuilder;
using tintype::testing::kTestEpoch;
using tintype::testing::SeededRandom;
using Steady = std::chrono::steady_clock;

constexpr int kImagesPerUser = 1000;
constexpr int kThreads = 64;

[[noreturn]] void die(const Error& error) {
  std::fprintf(stderr, "%s\n", error.detail.c_str());
  std::exit(1);
}
template <typename T>
T must(Result<T> result) {
  if (!result.ok()) die(result.error());
  return std::move(result).value();
}
void must(const Result<void>& result) {
  if (!result.ok()) die(result.error());
}

double microseconds_since(Steady::time_point start) {
  return std::chrono::duration<double, std::micro>(Steady::now() - start).count();
}

std::string user_name(std::uint64_t n) { return "user" + std::to_string(n); }

ImageMetadata bench_image(int n, int users) {
  ImageBuilder builder;
  builder.at(kTestEpoch + milliseconds(n)).user(user_name(static_cast<std::uint64_t>(n % users)));
  builder.tags({"all", "t" + std::to_string(n / users % 10)}).description("A day at the sea");
  return builder.active().build();
}

void in_threads(const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) threads.emplace_back([&work, t] { work(t); });
  for (auto& thread : threads) thread.join();
}

std::unique_ptr<SqliteMetadataStore> open_store(const std::string& folder, bool cached = true) {
  std::filesystem::create_directories(folder);
  SqliteMetadataStore::Options options;
  options.folder = folder;
  if (!cached) options.record_cache_bytes = 0;
  return must(SqliteMetadataStore::create(options));
}

std::unique_ptr<SqliteMetadataStore> filled_store(const std::string& folder, int images) {
  auto store = open_store(folder);
  const int users = images / kImagesPerUser;
  std::atomic<int> next{0};
  in_threads([&](int) {
    for (int n = next++; n < images; n = next++) must(store->insert(bench_image(n, users), {}));
  });
  return store;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

struct Pages {
  SqliteMetadataStore& store;
  int users = 0;  // in the store
  int asked = 0;  // of them, spread evenly
  std::vector<double> times = {};
};

void read_page(Pages& pages, SeededRandom& random, bool tagged, bool counted) {
  ImageQuery query;
  const auto nth = random.below(static_cast<std::uint64_t>(pages.asked));
  query.user_id = user_name(nth * static_cast<std::uint64_t>(pages.users / pages.asked));
  if (tagged) query.tags = {"t" + std::to_string(random.below(10))};
  const auto start = Steady::now();
  const auto page = must(pages.store.query_shared(query));
  if (counted) pages.times.push_back(microseconds_since(start));
  if (page.images.size() != 50) std::abort();
}

// Both stores in turn, so that a noisy moment hits both.
void compare_pages(Pages few, Pages many, bool tagged, const char* whose) {
  SeededRandom random(5);
  for (int i = 0; i < 4000; ++i) {
    read_page(few, random, tagged, i >= 1000);
    read_page(many, random, tagged, i >= 1000);
  }
  const double a = median(std::move(few.times));
  const double b = median(std::move(many.times));
  std::printf("page of 50 by user%s, %s  %8.1f us among %d, %.1f us among %d: ratio %.2f\n",
              tagged ? "+tag" : "    ", whose, a, few.users * kImagesPerUser, b,
              many.users * kImagesPerUser, b / a);
}

double get_time(SqliteMetadataStore& store) {
  const auto image = must(store.scan({}, 1)).front();
  std::vector<double> times;
  for (int i = 0; i < 2000; ++i) {
    const auto start = Steady::now();
    (void)must(store.get(image.image_id));
    times.push_back(microseconds_since(start));
  }
  return median(std::move(times));
}

double inserts_per_second(SqliteMetadataStore& store) {
  constexpr int kEach = 300;
  const auto start = Steady::now();
  in_threads([&](int t) {
    for (int i = 0; i < kEach; ++i)
      must(store.insert(ImageBuilder().user(user_name(static_cast<std::uint64_t>(t))).build(),
                        {.max_images = 1'000'000}));
  });
  return kThreads * kEach / (microseconds_since(start) / 1e6);
}

double syncs_per_second(const std::string& folder) {
  const int fd = ::open((folder + "/sync").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const std::string block(8192, 'x');
  const auto start = Steady::now();
  int count = 0;
  for (; microseconds_since(start) < 2e6; ++count)
    if (::pwrite(fd, block.data(), block.size(), 8192 * count) < 0 || ::fdatasync(fd) != 0)
      std::abort();
  ::close(fd);
  return count / 2.0;
}

}  // namespace

int main(int argc, char** argv) {
  const int many = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  const int few = 10'000;
  std::string folder = std::filesystem::current_path() / "metadata-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) std::abort();
  {
    auto fresh = open_store(folder + "/fresh");
    const double syncs = syncs_per_second(folder);
    const double inserts = inserts_per_second(*fresh);
    std::printf("inserts, 64 threads      %8.0f /s   (%.1f writes per commit)\n", inserts,
                static_cast<double>(fresh->writes()) / static_cast<double>(fresh->commits()));
    std::printf("bare fdatasync of 8 KiB  %8.0f /s   ratio %.2f\n", syncs, inserts / syncs);
    const auto start = Steady::now();
    auto small = filled_store(folder + "/few", few);
    auto large = filled_store(folder + "/many", many);
    std::printf("filled with %d images in %.0f s\n", few + many, microseconds_since(start) / 1e6);
    std::printf("get                      %8.2f us\n", get_time(*large));
    const int few_users = few / kImagesPerUser;
    const int many_users = many / kImagesPerUser;
    for (const bool tagged : {false, true}) {
      compare_pages({*small, few_users, few_users}, {*large, many_users, few_users}, tagged,
                    "ten users");
      compare_pages({*small, few_users, few_users}, {*large, many_users, many_users}, tagged,
                    "all users");
    }
    // Without the record cache, in which the small store fits whole and the large one does not.
    small.reset();
    large.reset();
    small = open_store(folder + "/few", false);
    large = open_store(folder + "/many", false);
    for (const bool tagged : {false, true})
      compare_pages({*small, few_users, few_users}, {*large, many_users, many_users}, tagged,
                    "no cache ");
  }
  std::filesystem::remove_all(folder);
}
