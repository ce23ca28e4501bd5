// The read units of pages of 50 among 10,000 and among a million images of one user, on the server
// that TINTYPE_TEST_DYNAMODB_ENDPOINT names. What is in the tables: tests/aws/page_capacity.h.
//
//   dynamodb_capacity [images]     default 1000000
//
// Started by dynamodb_capacity_bench.py, which has a server that counts by the bytes read.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "aws/page_capacity.h"

namespace {

using namespace tintype;
using namespace tintype::testing;

constexpr std::uint64_t kFew = 10'000;

void fill_and_tell(OwnTables& tables, std::uint64_t images) {
  const auto start = std::chrono::steady_clock::now();
  fill(tables, images);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%lu images written in %.0f s\n", images, took.count());
  std::fflush(stdout);
}

void compare(OwnTables& few, OwnTables& many, std::uint64_t images) {
  constexpr const char* kPlaces[] = {"start", "middle", "end"};
  std::printf("%-16s %-13s %-7s %12lu %12lu  ratio\n", "page of 50 by", "order", "place", kFew,
              images);
  for (const auto& kind : page_kinds())
    for (auto sort : {SortOrder::newest, SortOrder::oldest})
      for (auto place : {Place::start, Place::middle, Place::end}) {
        ImageQuery query = kind.query;
        query.sort = sort;
        const double a = capacity_of(few, page_at(query, place, kFew / kind.share));
        const double b = capacity_of(many, page_at(query, place, images / kind.share));
        std::printf("%-16s %-13s %-7s %12.1f %12.1f  %.2f\n", kind.name,
                    sort == SortOrder::oldest ? "oldest first" : "newest first",
                    kPlaces[static_cast<int>(place)], a, b, b / a);
      }
}

}  // namespace

int main(int argc, char** argv) try {
  const std::uint64_t images = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  OwnTables few({.transactions = false, .count_capacity = true});
  OwnTables many({.transactions = false, .count_capacity = true});
  fill_and_tell(few, kFew);
  fill_and_tell(many, images);
  compare(few, many, images);
  std::fflush(stdout);
  // The server ends with the measurement; taking a million items back one by one would cost more
  // than writing them did.
  std::_Exit(0);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
