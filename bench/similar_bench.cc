// What finding similar images costs, whether any is missed, and what the index of hashes costs
// writers.
//
//   similar_bench [images]     default 1000000
//
// Half of the images belong to one user, the others to users with 1000 each. Half have random
// hashes, half come in families of up to 20 that differ from their first in up to 12 bits, and one
// in a hundred is plain (hash 0). Prints, for references in families: the time of a whole walk, the
// index rows that it may read, and how many of the images that a comparison with all of them finds
// the walk found. Then activations per second, of images with and without a hash.
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "adapters/embedded/hash_index.h"
#include "adapters/embedded/sqlite_metadata_store.h"
#include "base/encoding.h"
#include "domain/hash_distance.h"
#include "support/image_builder.h"

namespace {

using namespace tintype;
using tintype::testing::ImageBuilder;
using tintype::testing::kTestEpoch;
using tintype::testing::SeededRandom;
using Steady = std::chrono::steady_clock;

constexpr int kThreads = 64;
constexpr int kSmallUser = 1000;
constexpr int kQueries = 300;

template <typename T>
T must(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "%s\n", result.error().detail.c_str());
  std::exit(1);
}
void must(const Result<void>& result) {
  if (result.ok()) return;
  std::fprintf(stderr, "%s\n", result.error().detail.c_str());
  std::exit(1);
}

double milliseconds_since(Steady::time_point start) {
  return std::chrono::duration<double, std::milli>(Steady::now() - start).count();
}

struct Known {
  std::uint64_t hash = 0;
  bool in_family = false;
  std::string user;
};

std::string hex_of(std::uint64_t hash) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(hash >> shift);
  return hex_encode(bytes);
}

std::vector<Known> make_hashes(int images) {
  SeededRandom random(11);
  std::vector<Known> all;
  std::uint64_t first = 0;
  for (std::uint64_t family = 0; static_cast<int>(all.size()) < images;) {
    if (family == 0 && random.below(12) == 0) family = 1 + random.below(20), first = random.next();
    Known known{random.next(), family > 0, {}};
    if (random.below(100) == 0) known = {};
    else if (family > 0) {
      known.hash = first;
      for (std::uint64_t flips = random.below(13); flips > 0; --flips)
        known.hash ^= std::uint64_t{1} << random.below(64);
    }
    family -= family > 0;
    const auto n = all.size();
    known.user = n % 2 == 0 ? "big" : "user" + std::to_string(n / 2 / kSmallUser);
    all.push_back(std::move(known));
  }
  return all;
}

void in_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t) threads.emplace_back([&work, t] { work(t); });
  for (auto& thread : threads) thread.join();
}

void fill(SqliteMetadataStore& store, const std::vector<Known>& all) {
  std::atomic<std::size_t> next{0};
  in_threads(kThreads, [&](int) {
    for (auto n = next++; n < all.size(); n = next++)
      must(store.insert(ImageBuilder()
                            .at(kTestEpoch + milliseconds(n))
                            .user(all[n].user)
                            .active()
                            .looks(hex_of(all[n].hash))
                            .build(),
                        {}));
  });
}

struct Walked {
  std::size_t images = 0;
  int pages = 0;
};

Walked walk(SqliteMetadataStore& store, ImageQuery query) {
  Walked walked;
  for (;; ++walked.pages) {
    const auto page = must(store.query_shared(query));
    walked.images += page.images.size();
    if (!page.next) return walked;
    query.after = page.next;
  }
}

std::int64_t rows_near(SqliteConnection& connection, std::uint64_t hash) {
  std::int64_t rows = 0;
  for (const auto list : lists_near(hash)) {
    auto q = must(connection.query("SELECT count(*) FROM image_hashes WHERE list=?1"));
    q.bind(1, list);
    (void)must(q.step());
    rows += q.integer(0);
  }
  return rows;
}

std::size_t compare_with_all(const std::vector<Known>& all, std::uint64_t hash,
                             const std::optional<std::string>& user) {
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Known& known) {
    return hash_distance(known.hash, hash) <= kSimilarDistance && (!user || *user == known.user);
  }));
}

double quantile(std::vector<double>& values, double part) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

void measure(SqliteMetadataStore& store, const std::vector<Known>& all, const char* what,
             const std::function<std::optional<std::string>(const Known&)>& user_of) {
  SeededRandom random(23);
  std::vector<double> times;
  std::size_t expected = 0, found = 0;
  while (times.size() < kQueries) {
    const Known& reference = all[random.below(all.size())];
    if (!reference.in_family) continue;
    ImageQuery query;
    query.user_id = user_of(reference);
    query.similar_to = SimilarTo{ImageId(), reference.hash};
    const auto start = Steady::now();
    found += walk(store, query).images;
    times.push_back(milliseconds_since(start));
    expected += compare_with_all(all, reference.hash, query.user_id);
  }
  std::printf("%-34s %7.2f ms median, %.2f ms p99; found %zu of %zu (recall %.4f)\n", what,
              quantile(times, 0.5), quantile(times, 0.99), found, expected,
              static_cast<double>(found) / static_cast<double>(expected));
}

void measure_plain(SqliteMetadataStore& store) {
  ImageQuery query;
  query.similar_to = SimilarTo{ImageId(), 0};
  auto start = Steady::now();
  const auto page = must(store.query_shared(query));
  std::printf("%-34s %7.2f ms for %zu images\n", "first page of the plain ones",
              milliseconds_since(start), page.images.size());
  start = Steady::now();
  const auto walked = walk(store, query);
  std::printf("%-34s %7.2f ms for %zu images\n", "all the plain ones", milliseconds_since(start),
              walked.images);
}

void measure_rows(const std::string& folder, const std::vector<Known>& all) {
  auto connection =
      must(SqliteConnection::open(folder + "/metadata.db", SqliteConnection::Mode::read_only));
  SeededRandom random(23);
  std::vector<double> rows;
  while (rows.size() < 100) {
    const Known& reference = all[random.below(all.size())];
    if (reference.in_family)
      rows.push_back(static_cast<double>(rows_near(connection, reference.hash)));
  }
  const double median = quantile(rows, 0.5);
  std::printf("%-34s %7.0f of %zu (%.2f %%), in 428 lists\n", "index rows near a hash, median",
              median, all.size(), 100 * median / static_cast<double>(all.size()));
}

// The update that makes processing images active, without the insert before it.
double activations_per_second(SqliteMetadataStore& store, int threads, bool hashed) {
  constexpr int kImages = 9600;
  static SeededRandom random(77);
  static Timestamp now = kTestEpoch;
  std::vector<ImageMetadata> images;
  for (int i = 0; i < kImages; ++i)
    images.push_back(ImageBuilder().at(now += milliseconds(1)).build());
  std::atomic<std::size_t> next{0};
  const auto for_each = [&](int count, const std::function<void(const ImageMetadata&)>& write) {
    next = 0;
    in_threads(count, [&](int) {
      for (auto n = next++; n < images.size(); n = next++) write(images[n]);
    });
  };
  for_each(kThreads, [&](const ImageMetadata& image) { must(store.insert(image, {})); });
  if (threads < kThreads) images.resize(kImages / 16);
  for (auto& image : images) {
    image.status = ImageStatus::active;
    image.facts = ImageBuilder::facts();
    if (hashed) image.facts->perceptual_hash = hex_of(~random.next() * 0x2545F4914F6CDD1D);
  }
  const auto start = Steady::now();
  for_each(threads, [&](const ImageMetadata& image) { (void)must(store.update(image)); });
  return static_cast<double>(images.size()) / (milliseconds_since(start) / 1000);
}

void measure_activations(SqliteMetadataStore& store) {
  for (const int threads : {2, kThreads}) {
    std::vector<double> with, without;
    for (int round = 0; round < 3; ++round) {
      without.push_back(activations_per_second(store, threads, false));
      with.push_back(activations_per_second(store, threads, true));
    }
    const double a = quantile(without, 0.5), b = quantile(with, 0.5);
    std::printf("activations, %2d threads %18.0f /s without a hash, %.0f /s with one: ratio %.2f\n",
                threads, a, b, b / a);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int images = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  std::string folder = std::filesystem::current_path() / "similar-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) std::abort();
  SqliteMetadataStore::Options options;
  options.folder = folder;
  {
    auto store = must(SqliteMetadataStore::create(options));
    std::puts("an empty store:");
    measure_activations(*store);
    const auto all = make_hashes(images);
    const auto start = Steady::now();
    fill(*store, all);
    std::printf("filled with %d images in %.0f s:\n", images, milliseconds_since(start) / 1000);
    std::fflush(stdout);
    measure_rows(folder, all);
    measure(*store, all, "similar images of all users", [](const Known&) { return std::nullopt; });
    measure(*store, all, "of the user with half of all",
            [](const Known&) { return std::optional<std::string>("big"); });
    measure(*store, all, "of a user with 1000", [](const Known& reference) {
      return std::optional<std::string>(reference.user == "big" ? "user0" : reference.user);
    });
    measure_plain(*store);
    measure_activations(*store);
  }
  std::filesystem::remove_all(folder);
}
