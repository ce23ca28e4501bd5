// What a page of one user's images costs in read units, among any number of them.
//
// Through insert() a million images would take hours: each is a dozen conditional writes. So the
// items that the adapter makes of an image are written in batches, and of them only what the pages
// read or pass by:
//   `images` active records of the user `ann` with the tag `holiday`
//   their rows in the user's list of that tag
//   a tenth as many records of the same user that have failed
// Not there are the rows of contents and hashes, and the counts; no such page reads them.
#pragma once

#include <algorithm>
#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "adapters/aws/image_item.h"
#include "adapters/aws/index_rows.h"
#include "aws/own_tables.h"
#include "support/image_builder.h"

namespace tintype::testing {

inline constexpr std::uint64_t kFailedShare = 10;  // one in so many

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

// The n-th of its status. Always the same, and all of them as large.
inline ImageMetadata listed_image(std::uint64_t n, ImageStatus status) {
  const Timestamp at = kTestEpoch + milliseconds(n);
  ImageBuilder builder;
  builder.user("ann").tags({"holiday"}).at(at);
  ImageMetadata image =
      (status == ImageStatus::failed ? builder.failed() : builder.active()).build();
  SeededRandom random(2 * n + (status == ImageStatus::failed ? 2 : 1));
  image.image_id = ImageId::generate(at, random);
  image.s3_key = original_key(image);
  return image;
}

// Its record and, of the rows that follow from it, those of the user's tags.
inline void add_writes(const ImageMetadata& image, const dynamodb::TableNames& tables,
                       std::vector<dynamodb::Write>& writes) {
  writes.push_back(dynamodb::Put{.table = tables.images,
                                 .item = dynamodb::to_item(image, OwnTables::kShards),
                                 .condition = {},
                                 .placeholders = {}});
  for (auto& [key, row] : dynamodb::rows_of(image, OwnTables::kShards))
    if (key.list == dynamodb::tag_list_name(image.user_id, "holiday"))
      writes.push_back(dynamodb::Put{
          .table = tables.tags, .item = std::move(row), .condition = {}, .placeholders = {}});
}

inline void write_hundred(OwnTables& tables, std::uint64_t first, std::uint64_t images) {
  std::vector<dynamodb::Write> writes;
  for (std::uint64_t n = first; n < std::min(first + 100, images); ++n) {
    add_writes(listed_image(n, ImageStatus::active), tables.names(), writes);
    if (n % kFailedShare == 0)
      add_writes(listed_image(n / kFailedShare, ImageStatus::failed), tables.names(), writes);
  }
  must(tables.client().batch_write(writes));
}

// By two threads: while one waits for an answer the other makes its request.
inline void fill(OwnTables& tables, std::uint64_t images) {
  std::atomic<std::uint64_t> next = 0;
  const auto work = [&] {
    try {
      for (auto first = next.fetch_add(100); first < images; first = next.fetch_add(100))
        write_hundred(tables, first, images);
    } catch (...) {
      next = images;
      throw;
    }
  };
  auto other = std::async(std::launch::async, work);
  work();
  other.get();
}

enum class Place : std::uint8_t { start, middle, end };

// A page of 50 somewhere in the list of a user's images, and which of them it begins with.
struct ListedPage {
  ImageQuery query;
  std::uint64_t first = 0;
};

// `total`: how many are in the list. The end is the last full page.
inline ListedPage page_at(ImageQuery query, Place place, std::uint64_t total) {
  const std::uint64_t behind = place == Place::start    ? 0
                               : place == Place::middle ? total / 2
                                                        : total - query.limit;
  const bool oldest = query.sort == SortOrder::oldest;
  const auto nth = [&](std::uint64_t i) { return oldest ? i : total - 1 - i; };
  if (behind > 0) query.after = position_of(listed_image(nth(behind - 1), query.status));
  return {query, nth(behind)};
}

// Read units. Throws when the page is not the one that was wanted.
inline double capacity_of(OwnTables& tables, const ListedPage& page) {
  const double before = tables.client().capacity();
  const ImagePage read = must(tables.store().query(page.query));
  const ImageMetadata first = listed_image(page.first, page.query.status);
  if (read.images.size() != page.query.limit || read.images.front() != first)
    throw std::runtime_error("The page has other images than were written.");
  return tables.client().capacity() - before;
}

// The pages that are measured.
struct PageKind {
  const char* name;
  ImageQuery query;
  std::uint64_t share = 1;  // one in so many images is in the list
};
inline std::vector<PageKind> page_kinds() {
  ImageQuery of_user;
  of_user.user_id = "ann";
  of_user.limit = 50;
  ImageQuery tagged = of_user, failed = of_user;
  tagged.tags = {"holiday"};
  failed.status = ImageStatus::failed;
  return {{"user and tag", tagged}, {"user", of_user}, {"user and status", failed, kFailedShare}};
}

}  // namespace tintype::testing
