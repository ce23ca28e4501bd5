// The answer to a create: how to send the bytes, and the image.
#pragma once

#include "base/json_writer.h"
#include "handlers/image_json.h"
#include "services/create_upload.h"

namespace tintype {

// Appends image_id, status, the ticket's members and `image` to the object open in `json`.
void append_created(JsonWriter& json, const CreatedUpload& created, const ImageView& view);

// Appends the ticket's members alone: upload_url, upload_method, upload_headers or upload_fields,
// expires_at; or `duplicate` when nothing needs to be uploaded.
void append_created_ticket(JsonWriter& json, const CreatedUpload& created);

}  // namespace tintype
