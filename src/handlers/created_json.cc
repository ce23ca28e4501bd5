#include "handlers/created_json.h"

namespace tintype {

void append_created_ticket(JsonWriter& json, const CreatedUpload& created) {
  if (created.duplicate) {
    json.key("duplicate").boolean(true);
    return;
  }
  bool post = created.ticket.method == UploadMethod::post;
  json.key("upload_url").string(created.ticket.url);
  json.key("upload_method").string(post ? "POST" : "PUT");
  json.key(post ? "upload_fields" : "upload_headers").begin_object();
  for (const auto& [name, value] : created.ticket.fields) json.key(name).string(value);
  json.end_object();
  json.key("expires_at").time(created.ticket.expires_at);
}

void append_created(JsonWriter& json, const CreatedUpload& created, const ImageView& view) {
  json.key("image_id").string(created.image.image_id.to_string());
  json.key("status").string(status_name(created.image.status));
  append_created_ticket(json, created);
  std::string image;
  append_image(image, created.image, view);
  json.key("image").raw(image);
}

}  // namespace tintype
