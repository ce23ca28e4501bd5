// The rows of the table `image_tags` that follow from a record, and what changes with it.
//
// Each active image has a row in each of these lists (`list` is the partition, `listed_at` the
// place in it):
//   <user>#<tag>            its tags; `tag_shard` puts them into TagIndex, for all users together
//   <user>##sha256:<hex>    its content
//   <user>##hashes          its perceptual hash, among its user's
//   ##hash:<band>:<value>   its perceptual hash, eleven bands of five or six bits: hashes that
//   differ
//                           in at most 10 bits have one band at least in common
// Rows carry what lists are filtered by. The same table counts tags: rows of the partitions
// `<user>##counts` and, spread over shards, `##counts:<shard>`, by tag.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

#include "adapters/aws/dynamodb_item.h"
#include "domain/image_metadata.h"

namespace tintype::dynamodb {

inline constexpr int kHashBands = 11;

std::string tag_list_name(std::string_view user_id, std::string_view tag);
std::string tag_shard(std::string_view tag, std::uint32_t shard);
std::string content_list_name(std::string_view user_id, std::string_view sha256_hex);
std::string user_hashes_name(std::string_view user_id);
std::string band_list_name(std::uint64_t hash, int band);
std::string user_counts_name(std::string_view user_id);
std::string all_counts_name(std::uint32_t shard);

struct RowKey {
  std::string list;
  std::string place;
  auto operator<=>(const RowKey&) const = default;
  Item item() const { return {{"list", list}, {"listed_at", place}}; }
};

std::map<RowKey, Item> rows_of(const ImageMetadata& image, std::uint32_t shards);

// What a change of a record means beside it. Null: the record is not there before, or after.
struct Consequences {
  std::vector<Item> put;
  std::vector<RowKey> gone;
  std::map<RowKey, std::int64_t> counts;  // of tags; none is 0
  std::int64_t images = 0;                // of the user's usage
  std::int64_t bytes = 0;

  bool touches_usage() const { return images != 0 || bytes != 0; }
  bool none() const { return put.empty() && gone.empty() && counts.empty() && !touches_usage(); }
};
Consequences consequences_of(const ImageMetadata* before, const ImageMetadata* after,
                             std::uint32_t shards);

}  // namespace tintype::dynamodb
