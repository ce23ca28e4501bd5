// Who may do what at the embedded object URLs: verification of presigned requests against this
// deployment's key and bucket.
#pragma once

#include <string>
#include <string_view>

#include "handlers/api_context.h"
#include "handlers/http.h"
#include "signing/presign.h"

namespace tintype {

// Verifies the query signature of a request to `/objects/{bucket}/{key+}` made with `method`, and
// that the bucket is ours. Errors: with S3's codes.
Result<sigv4::VerifiedUrl> verify_object_request(const ApiContext& context, const Request& request,
                                                 std::string_view method);

// The lookup of the one key that embedded object URLs are signed with.
sigv4::SecretLookup object_key_lookup(const ApiContext& context);

// The image whose upload a key is for, if it still waits for its bytes. Errors: `forbidden` with
// code `AccessDenied` for other keys, and when the upload is over (a replayed URL).
Result<ImageId> awaited_upload(const ApiContext& context, std::string_view key);

// To be called once the bytes of an upload are stored: reports their arrival. When the upload has
// come to its end while they were on their way, they are removed again, since nobody would ever
// look at them; the error is then that of awaited_upload.
Result<void> upload_arrived(const ApiContext& context, const std::string& key);

// An upload that came back from the trash is finished without a further call when its bytes arrived
// before it went there: nothing else would tell of them again.
void resume_upload(const ApiContext& context, const ImageMetadata& image);

}  // namespace tintype
