// What a bucket's configurations should say, given what they say now (null: nothing yet). Pure
// functions; nothing comes back when all is as wished.
//
// Source: PutPublicAccessBlock, PutBucketEncryption, PutBucketCors and
// PutBucketLifecycleConfiguration of the Amazon S3 API reference.
#pragma once

#include <optional>

#include "adapters/aws/s3_bucket.h"
#include "adapters/aws/xml_tree.h"

namespace tintype {

// Only at AWS are public ACLs refused beside being ignored: Ceph RGW 16 then refuses every put.
std::optional<XmlElement> wanted_public_access_block(const XmlElement* current, bool at_aws);
// Any default encryption that is there stays.
std::optional<XmlElement> wanted_encryption(const XmlElement* current);
// Our one rule of each is known by its ID, `tintype`; others stay, before it. Without origins ours
// is taken away: an element without children then stands for no configuration at all.
std::optional<XmlElement> wanted_cors(const XmlElement* current, const BucketWishes& wishes);
std::optional<XmlElement> wanted_lifecycle(const XmlElement* current, const BucketWishes& wishes);

}  // namespace tintype
