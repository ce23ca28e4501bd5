// An image's record as an item of the table `images`, and back.
//
// Every member is an attribute of the wire's name, so that the table can be read by people. Beside
// them stand the keys of the indexes: `user_status`, `status_shard`, `listed_at`, `due_shard` and
// `due_at`.
#pragma once

#include "adapters/aws/dynamodb_item.h"
#include "domain/image_metadata.h"
#include "domain/image_query.h"

namespace tintype::dynamodb {

// `2026-11-22T08:00:00.123Z#<image_id>`: sorts as lists are ordered.
std::string listed_at(const ListPosition& position);
// Errors: `internal`.
Result<ListPosition> parse_listed_at(std::string_view text);

std::string user_status(std::string_view user_id, ImageStatus status);
// `active#07`: one of `shards` partitions, by the id.
std::string status_shard(ImageStatus status, std::uint32_t shard);
std::uint32_t shard_of(const ImageId& id, std::uint32_t shards);

inline constexpr std::uint32_t kDueShards = 4;
std::string due_shard(std::uint32_t shard);
// Records whose index rows are not yet what they should be wait here (record_writer.h).
inline constexpr std::string_view kUnsettled = "unsettled";

Item image_key(const ImageId& id);
Item to_item(const ImageMetadata& image, std::uint32_t shards);
// Errors: `internal` for a record that no Tintype wrote.
Result<ImageMetadata> to_image(const Item& item);

}  // namespace tintype::dynamodb
