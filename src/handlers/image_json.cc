#include "handlers/image_json.h"

#include <array>

#include "base/encoding.h"

namespace tintype {
namespace {

using Writer = void (*)(JsonWriter&, const ImageMetadata&, const ImageView&);

void optional_text(JsonWriter& json, const std::optional<std::string>& text) {
  if (text) json.string(*text);
  else json.null();
}

void optional_time(JsonWriter& json, const std::optional<Timestamp>& time) {
  if (time) json.time(*time);
  else json.null();
}

void known_text(JsonWriter& json, const std::string& text) {
  if (text.empty()) json.null();
  else json.string(text);
}

void write_id(JsonWriter& json, const ImageMetadata& image) {
  std::string id;
  id += '"';
  image.image_id.append_to(id);
  id += '"';
  json.raw(id);
}

void write_tags(JsonWriter& json, const ImageMetadata& image) {
  json.begin_array();
  for (const auto& tag : image.tags) json.string(tag);
  json.end_array();
}

void write_failure(JsonWriter& json, const ImageMetadata& image) {
  if (!image.failure) {
    json.null();
    return;
  }
  json.begin_object().key("code").string(image.failure->code);
  json.key("detail").string(image.failure->detail).end_object();
}

void write_placeholder(JsonWriter& json, const ImageMetadata& image) {
  if (!image.facts || (image.facts->thumbhash.empty() && image.facts->dominant_color.empty())) {
    json.null();
    return;
  }
  json.begin_object().key("thumbhash").string(base64_encode(image.facts->thumbhash));
  json.key("dominant_color");
  known_text(json, image.facts->dominant_color);
  json.end_object();
}

// The facts' object, with the location spliced in for those who may see it.
void write_exif(JsonWriter& json, const ImageMetadata& image, const ImageView& view) {
  if (!image.facts) {
    json.null();
    return;
  }
  const auto& facts = *image.facts;
  if (!view.include_location || facts.location_json.empty()) {
    json.raw(facts.exif_json);
    return;
  }
  std::string exif = facts.exif_json.substr(0, facts.exif_json.size() - 1);
  if (exif.size() > 1) exif += ',';
  json.raw(exif + "\"location\":" + facts.location_json + "}");
}

void write_variants(JsonWriter& json, const ImageMetadata& image) {
  json.begin_array();
  for (const auto& variant : image.variants) {
    json.begin_object().key("name").string(variant.name);
    json.key("width").number(std::uint64_t{variant.width});
    json.key("height").number(std::uint64_t{variant.height});
    json.key("content_type").string(media_type_name(variant.content_type));
    json.key("size").number(variant.size).end_object();
  }
  json.end_array();
}

// Links are made of URL-safe parts alone, so they need no escaping.
void write_links(JsonWriter& json, const ImageMetadata& image, const ImageView& view) {
  std::string self = "\"";
  self += view.public_url;
  self += "/images/";
  image.image_id.append_to(self);
  json.begin_object().key("self").raw(self + "\"").key("download").raw(self + "/download\"");
  json.key("rendition").raw(self + "/rendition\"").end_object();
}

// A number of the facts, or null before they are known.
template <auto Member>
void fact_number(JsonWriter& json, const ImageMetadata& image, const ImageView&) {
  if (image.facts) json.number(std::uint64_t{(*image.facts).*Member});
  else json.null();
}

struct Field {
  std::string_view name;
  Writer write;
};

#define TINTYPE_FIELD(name, ...)                                                    \
  {                                                                                 \
    name, [](JsonWriter& json, const ImageMetadata& image, const ImageView& view) { \
      (void)view;                                                                   \
      __VA_ARGS__;                                                                  \
    }                                                                               \
  }

constexpr auto kFields = std::to_array<Field>({
    TINTYPE_FIELD("image_id", write_id(json, image)),
    TINTYPE_FIELD("user_id", json.string(image.user_id)),
    TINTYPE_FIELD("filename", json.string(image.filename)),
    TINTYPE_FIELD("content_type", json.string(media_type_name(image.content_type))),
    TINTYPE_FIELD("size", json.number(image.size)),
    {"width", fact_number<&ImageFacts::width>},
    {"height", fact_number<&ImageFacts::height>},
    TINTYPE_FIELD("status", json.string(status_name(image.status))),
    TINTYPE_FIELD("tags", write_tags(json, image)),
    TINTYPE_FIELD("description", optional_text(json, image.description)),
    TINTYPE_FIELD("metadata", json.raw(image.metadata_json)),
    TINTYPE_FIELD("visibility", json.string(visibility_name(image.visibility))),
    TINTYPE_FIELD("s3_bucket", json.string(image.s3_bucket)),
    TINTYPE_FIELD("s3_key", json.string(image.s3_key)),
    TINTYPE_FIELD("upload_timestamp", json.time(image.upload_timestamp)),
    TINTYPE_FIELD("updated_at", json.time(image.updated_at)),
    TINTYPE_FIELD("revision", json.number(image.revision)),
    TINTYPE_FIELD("sha256", optional_text(json, image.sha256)),
    TINTYPE_FIELD("failure", write_failure(json, image)),
    TINTYPE_FIELD("deleted_at", optional_time(json, image.deleted_at)),
    TINTYPE_FIELD("purge_at", optional_time(json, image.purge_at)),
    TINTYPE_FIELD("animated", image.facts ? json.boolean(image.facts->animated()) : json.null()),
    {"frames", fact_number<&ImageFacts::frames>},
    {"orientation", fact_number<&ImageFacts::orientation>},
    TINTYPE_FIELD("has_alpha", image.facts ? json.boolean(image.facts->has_alpha) : json.null()),
    TINTYPE_FIELD("color_profile",
                  image.facts ? known_text(json, image.facts->color_profile) : (void)json.null()),
    TINTYPE_FIELD("placeholder", write_placeholder(json, image)),
    TINTYPE_FIELD("perceptual_hash",
                  image.facts ? known_text(json, image.facts->perceptual_hash) : (void)json.null()),
    TINTYPE_FIELD("exif", write_exif(json, image, view)),
    TINTYPE_FIELD("variants", write_variants(json, image)),
    TINTYPE_FIELD("links", write_links(json, image, view)),
});
#undef TINTYPE_FIELD

}  // namespace

FieldMask parse_fields(std::string_view list, std::vector<FieldError>& errors) {
  FieldMask mask = 0;
  while (!list.empty()) {
    auto name = list.substr(0, list.find(','));
    list.remove_prefix(std::min(name.size() + 1, list.size()));
    FieldMask bit = 0;
    for (std::size_t i = 0; i < kFields.size(); ++i)
      if (kFields[i].name == name) bit = FieldMask{1} << i;
    if (bit == 0)
      errors.push_back({"fields", "unknown_field", "An image has no field of one of these names."});
    mask |= bit;
  }
  return mask;
}

void append_image(std::string& out, const ImageMetadata& image, const ImageView& view) {
  JsonWriter json(out);
  json.begin_object();
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    if ((view.fields >> i & 1) == 0) continue;
    json.key(kFields[i].name);
    kFields[i].write(json, image, view);
  }
  json.end_object();
}

}  // namespace tintype
