// The calls about objects that the store and the provisioning of its bucket share.
#pragma once

#include <string>
#include <vector>

#include "adapters/aws/s3_client.h"
#include "adapters/aws/s3_xml.h"

namespace tintype {

// One page of ListObjectsV2: `query` chooses (prefix, delimiter, max-keys, continuation-token).
// Errors: also `invalid` with `invalid_continuation` for a token that the server does not know.
Result<S3ListPage> list_objects(S3Client& client, sigv4::NameValues query);
// Succeeds when there is no such object.
Result<void> delete_object(S3Client& client, std::string_view key);
// 1 to 1000 keys in one request; those that are not there are no error.
Result<void> delete_objects(S3Client& client, const std::vector<std::string>& keys);

}  // namespace tintype
