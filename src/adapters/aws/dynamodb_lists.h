// Pages of images from DynamoDB: chooses the partitions that a query reads, and merges them.
//
//   a similar image   the user's hashes, or the eleven bands of everyone's; looked at as a whole
//   one or more tags  (active images) the tags' lists of the user, or the shards of TagIndex
//   user              UserIndex, the partition of the user and status
//   otherwise         StatusIndex, the shards of the status
//
// What the partition does not decide is filtered by the server where it can be. A page reads in
// proportion to itself; after a number of requests it ends where it is, with a position to go on
// from. Rows of tags and hashes name records, which are then fetched and held against the query
// once more, so a row that is out of date shows nothing wrong.
#pragma once

#include "adapters/aws/list_source.h"
#include "adapters/aws/record_writer.h"
#include "ports/metadata_store.h"

namespace tintype::dynamodb {

// Thread-safe. The client must outlive it.
class ImageLists {
 public:
  ImageLists(Client& client, RecordOptions options)
      : client_(client), options_(std::move(options)) {}

  Result<ImagePage> page(const ImageQuery& query);
  // All records in order of id.
  Result<std::vector<ImageMetadata>> scan(const std::optional<ImageId>& after, std::size_t limit);
  Result<std::vector<ImageMetadata>> due(Timestamp now, std::size_t limit);
  Result<std::optional<ImageMetadata>> with_content(std::string_view user_id,
                                                    std::string_view sha256_hex);
  Result<std::vector<TagCount>> tag_counts(const TagQuery& query);

 private:
  struct Walk;
  Result<Walk> choose(const ImageQuery& query);
  Result<std::string> rarest_tag(const ImageQuery& query);
  Result<ImagePage> finish(const ImageQuery& query, std::vector<Row> rows, bool are_records,
                           std::optional<ListPosition> next);
  Result<ImagePage> similar(const ImageQuery& query);
  Result<std::vector<Row>> similar_rows(const ImageQuery& query);

  Client& client_;
  RecordOptions options_;
};

}  // namespace tintype::dynamodb
