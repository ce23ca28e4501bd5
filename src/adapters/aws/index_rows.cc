#include "adapters/aws/index_rows.h"

#include "adapters/aws/image_item.h"
#include "domain/hash_distance.h"

namespace tintype::dynamodb {
namespace {

std::string two_digits(std::uint32_t number) {
  std::string text = std::to_string(number);
  return text.size() < 2 ? "0" + text : text;
}

// Nine bands of six bits, then two of five.
std::uint64_t band_value(std::uint64_t hash, int band) {
  if (band < 9) return hash >> (6 * band) & 63;
  return hash >> (54 + 5 * (band - 9)) & 31;
}

// What every row of the image carries.
Item row_body(const ImageMetadata& image) {
  Item row{{"listed_at", listed_at(position_of(image))},
           {"image_id", image.image_id.to_string()},
           {"user_id", image.user_id},
           {"content_type", media_type_name(image.content_type)},
           {"size", image.size}};
  List tags;
  for (const auto& tag : image.tags) tags.emplace_back(tag);
  if (!tags.empty()) row.emplace("tags", std::move(tags));
  if (image.facts && !image.facts->perceptual_hash.empty())
    row.emplace("perceptual_hash", image.facts->perceptual_hash);
  return row;
}

std::vector<std::string> hash_lists(const ImageMetadata& image) {
  std::vector<std::string> lists;
  if (!image.facts) return lists;
  const auto hash = parse_perceptual_hash(image.facts->perceptual_hash);
  if (!hash) return lists;
  lists.push_back(user_hashes_name(image.user_id));
  for (int band = 0; band < kHashBands; ++band) lists.push_back(band_list_name(*hash, band));
  return lists;
}

std::map<RowKey, std::int64_t> counts_of(const ImageMetadata& image, std::uint32_t shards) {
  std::map<RowKey, std::int64_t> counts;
  if (!is_indexed(image)) return counts;
  const std::string all = all_counts_name(shard_of(image.image_id, shards));
  for (const auto& tag : image.tags) {
    counts[{user_counts_name(image.user_id), tag}] = 1;
    counts[{all, tag}] = 1;
  }
  return counts;
}

}  // namespace

std::string tag_list_name(std::string_view user_id, std::string_view tag) {
  return std::string(user_id) + "#" + std::string(tag);
}
std::string tag_shard(std::string_view tag, std::uint32_t shard) {
  return std::string(tag) + "#" + two_digits(shard);
}
std::string content_list_name(std::string_view user_id, std::string_view sha256_hex) {
  return std::string(user_id) + "##sha256:" + std::string(sha256_hex);
}
std::string user_hashes_name(std::string_view user_id) { return std::string(user_id) + "##hashes"; }
std::string band_list_name(std::uint64_t hash, int band) {
  return "##hash:" + std::to_string(band) + ":" + std::to_string(band_value(hash, band));
}
std::string user_counts_name(std::string_view user_id) { return std::string(user_id) + "##counts"; }
std::string all_counts_name(std::uint32_t shard) { return "##counts:" + two_digits(shard); }

std::map<RowKey, Item> rows_of(const ImageMetadata& image, std::uint32_t shards) {
  std::map<RowKey, Item> rows;
  if (!is_indexed(image)) return rows;
  const Item body = row_body(image);
  const std::string place = listed_at(position_of(image));
  const auto add = [&](std::string list) -> Item& {
    Item& row = rows.emplace(RowKey{list, place}, body).first->second;
    row.emplace("list", std::move(list));
    return row;
  };
  const std::uint32_t shard = shard_of(image.image_id, shards);
  for (const auto& tag : image.tags)
    add(tag_list_name(image.user_id, tag)).emplace("tag_shard", tag_shard(tag, shard));
  if (image.sha256) add(content_list_name(image.user_id, *image.sha256));
  for (auto& list : hash_lists(image)) add(std::move(list));
  return rows;
}

Consequences consequences_of(const ImageMetadata* before, const ImageMetadata* after,
                             std::uint32_t shards) {
  using Rows = std::map<RowKey, Item>;
  using Counts = std::map<RowKey, std::int64_t>;
  const Rows old_rows = before ? rows_of(*before, shards) : Rows();
  const Rows new_rows = after ? rows_of(*after, shards) : Rows();
  Consequences out;
  for (const auto& [key, row] : new_rows)
    if (const auto it = old_rows.find(key); it == old_rows.end() || it->second != row)
      out.put.push_back(row);
  for (const auto& [key, row] : old_rows)
    if (!new_rows.contains(key)) out.gone.push_back(key);
  out.counts = after ? counts_of(*after, shards) : Counts();
  if (before)
    for (const auto& [key, one] : counts_of(*before, shards)) out.counts[key] -= one;
  std::erase_if(out.counts, [](const auto& entry) { return entry.second == 0; });
  const Usage was = before ? usage_of(*before) : Usage(), is = after ? usage_of(*after) : Usage();
  out.images = static_cast<std::int64_t>(is.images) - static_cast<std::int64_t>(was.images);
  out.bytes = static_cast<std::int64_t>(is.bytes) - static_cast<std::int64_t>(was.bytes);
  return out;
}

}  // namespace tintype::dynamodb
