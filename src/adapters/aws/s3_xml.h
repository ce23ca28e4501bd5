// The XML of S3's requests and answers about objects, as pure functions.
//
// Source: ListObjectsV2, DeleteObjects, CopyObject and "Error responses" of the Amazon S3 API
// reference. Errors: `internal` for an answer that is not what it should be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "ports/object_store.h"

namespace tintype {

// The text when it is a plain word (ASCII letters, digits, `-`; at most 64), else empty: what a
// server says is repeated to people no other way.
std::string s3_word(std::string_view text);
// An ETag header or element without its quotes.
std::string unquoted_etag(std::string_view etag);
// S3's times have whole seconds in headers and may have milliseconds in lists: all are cut to
// seconds, so that one object has one time.
Result<Timestamp> parse_s3_header_time(std::string_view text);
Result<Timestamp> parse_s3_list_time(std::string_view text);

struct S3ListPage {
  std::vector<ObjectInfo> objects;
  std::string next_token;  // empty at the end
};
Result<S3ListPage> parse_list_objects(std::string_view body);

// What a body says went wrong. Both empty when the body is no error document.
struct S3ErrorBody {
  std::string code;    // a plain word
  std::string region;  // where the bucket is, when the error says so
};
S3ErrorBody parse_error_body(std::string_view body);

// CopyObject may answer 200 and still have failed: the copy's ETag when the body says it succeeded.
std::optional<std::string> copy_result_etag(std::string_view body);

// At most 1000 keys; the answer names failures alone.
std::string delete_objects_body(const std::vector<std::string>& keys);
// The codes of the keys that were not removed. `NoSuchKey` is not among them.
Result<std::vector<std::string>> parse_delete_failures(std::string_view body);

}  // namespace tintype
