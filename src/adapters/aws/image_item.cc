#include "adapters/aws/image_item.h"

#include <limits>

#include "base/encoding.h"

namespace tintype::dynamodb {
namespace {

constexpr std::string_view kPurging = "purging";

std::string two_digits(std::uint32_t number) {
  std::string text = std::to_string(number);
  return text.size() < 2 ? "0" + text : text;
}

Result<ImageStatus> read_status(std::string_view text) {
  if (text == kPurging) return ImageStatus::purging;
  const auto status = parse_status(text);
  if (!status) return internal_error("a record has an unknown status");
  return *status;
}

Result<MediaType> read_type(std::string_view text) {
  const auto type = parse_media_type(text);
  if (!type) return internal_error("a record has an unknown content type");
  return *type;
}

// Members that are left out while they say nothing.
struct Attributes {
  Item item;

  Attributes& text(std::string_view name, const std::string& value) {
    if (!value.empty()) item.emplace(name, value);
    return *this;
  }
  Attributes& optional_text(std::string_view name, const std::optional<std::string>& value) {
    if (value) item.emplace(name, *value);
    return *this;
  }
  Attributes& time(std::string_view name, const std::optional<Timestamp>& value) {
    if (value) item.emplace(name, format_rfc3339(*value));
    return *this;
  }
  template <typename T>
  Attributes& number(std::string_view name, T value) {
    item.emplace(name, value);
    return *this;
  }
};

Item facts_item(const ImageFacts& facts) {
  Attributes out;
  out.number("content_type", Value(media_type_name(facts.content_type)));
  out.number("width", facts.width).number("height", facts.height);
  out.number("frames", facts.frames).number("orientation", int{facts.orientation});
  out.number("has_alpha", facts.has_alpha);
  out.text("color_profile", facts.color_profile);
  out.text("thumbhash", base64_encode(facts.thumbhash));
  out.text("dominant_color", facts.dominant_color);
  out.text("perceptual_hash", facts.perceptual_hash);
  out.text("exif", facts.exif_json).text("location", facts.location_json);
  return std::move(out.item);
}

// A whole number from 0 to `most`; 0 when it is left out.
Result<std::uint64_t> read_number(const Item& item, std::string_view name, std::uint64_t most) {
  if (!item.contains(name)) return std::uint64_t{0};
  const auto number = number_of(item, name);
  if (!number || *number < 0 || static_cast<std::uint64_t>(*number) > most)
    return internal_error("a record has an impossible " + std::string(name));
  return static_cast<std::uint64_t>(*number);
}

template <typename T>
Result<T> read_number(const Item& item, std::string_view name) {
  return static_cast<T>(TRY(read_number(item, name, std::numeric_limits<T>::max())));
}

// What the texts of a record are made of must be as Tintype writes it.
template <typename T>
Result<T> written_by_us(Result<T> read, std::string_view what) {
  if (read.ok()) return read;
  return internal_error("a record has an unreadable " + std::string(what) + ": " +
                        read.error().detail);
}

bool flag_of(const Item& item, std::string_view name) {
  const bool* flag = find<bool>(item, name);
  return flag && *flag;
}

Result<ImageFacts> read_facts(const Item& item) {
  ImageFacts facts;
  facts.content_type = TRY(read_type(text_of(item, "content_type")));
  facts.width = TRY(read_number<std::uint32_t>(item, "width"));
  facts.height = TRY(read_number<std::uint32_t>(item, "height"));
  facts.frames = TRY(read_number<std::uint32_t>(item, "frames"));
  facts.orientation = TRY(read_number<std::uint8_t>(item, "orientation"));
  facts.has_alpha = flag_of(item, "has_alpha");
  facts.color_profile = text_of(item, "color_profile");
  facts.thumbhash = TRY(written_by_us(base64_decode(text_of(item, "thumbhash")), "thumbhash"));
  facts.dominant_color = text_of(item, "dominant_color");
  facts.perceptual_hash = text_of(item, "perceptual_hash");
  facts.exif_json = text_of(item, "exif");
  facts.location_json = text_of(item, "location");
  return facts;
}

List variants_list(const std::vector<Variant>& variants) {
  List list;
  for (const auto& variant : variants)
    list.push_back(Item{{"name", variant.name},
                        {"width", variant.width},
                        {"height", variant.height},
                        {"content_type", media_type_name(variant.content_type)},
                        {"size", variant.size}});
  return list;
}

Result<Variant> read_variant(const Item& item) {
  Variant variant;
  variant.name = text_of(item, "name");
  variant.width = TRY(read_number<std::uint32_t>(item, "width"));
  variant.height = TRY(read_number<std::uint32_t>(item, "height"));
  variant.content_type = TRY(read_type(text_of(item, "content_type")));
  variant.size = TRY(read_number<std::uint64_t>(item, "size"));
  return variant;
}

Result<std::vector<Variant>> read_variants(const Item& item) {
  std::vector<Variant> variants;
  const auto* list = find<List>(item, "variants");
  if (!list) return variants;
  for (const auto& value : *list) {
    const auto* map = value.as<Item>();
    if (!map) return internal_error("a record has an unreadable variant");
    variants.push_back(TRY(read_variant(*map)));
  }
  return variants;
}

List tag_list(const std::vector<std::string>& tags) {
  List list;
  for (const auto& tag : tags) list.emplace_back(tag);
  return list;
}

std::vector<std::string> read_tags(const Item& item) {
  std::vector<std::string> tags;
  if (const auto* list = find<List>(item, "tags"))
    for (const auto& value : *list)
      if (const auto* tag = value.as<std::string>()) tags.push_back(*tag);
  return tags;
}

void add_index_keys(Item& item, const ImageMetadata& image, std::uint32_t shards) {
  const std::string place = listed_at(position_of(image));
  item["listed_at"] = place;
  item["user_status"] = user_status(image.user_id, image.status);
  item["status_shard"] = status_shard(image.status, shard_of(image.image_id, shards));
  if (const auto due = due_at(image)) {
    item["due_shard"] = due_shard(shard_of(image.image_id, kDueShards));
    item["due_at"] = listed_at({*due, image.image_id});
  }
}

Result<Timestamp> read_time(const Item& item, std::string_view name) {
  return written_by_us(parse_rfc3339(text_of(item, name)), name);
}

Result<std::optional<Timestamp>> read_optional_time(const Item& item, std::string_view name) {
  if (!item.contains(name)) return std::optional<Timestamp>();
  return std::optional(TRY(read_time(item, name)));
}

std::optional<std::string> read_optional(const Item& item, std::string_view name) {
  const auto* text = find<std::string>(item, name);
  return text ? std::optional(*text) : std::nullopt;
}

Result<void> read_times(const Item& item, ImageMetadata& image) {
  image.upload_timestamp = TRY(read_time(item, "upload_timestamp"));
  image.updated_at = TRY(read_time(item, "updated_at"));
  image.deleted_at = TRY(read_optional_time(item, "deleted_at"));
  image.purge_at = TRY(read_optional_time(item, "purge_at"));
  image.expires_at = TRY(read_optional_time(item, "expires_at"));
  image.lease_until = TRY(read_optional_time(item, "lease_until"));
  return {};
}

}  // namespace

std::string listed_at(const ListPosition& position) {
  std::string text = format_rfc3339(position.upload_timestamp);
  text += '#';
  position.image_id.append_to(text);
  return text;
}

Result<ListPosition> parse_listed_at(std::string_view text) {
  const auto hash = text.find('#');
  if (hash == text.npos) return internal_error("a row has an unreadable place");
  ListPosition position;
  position.upload_timestamp = TRY(written_by_us(parse_rfc3339(text.substr(0, hash)), "place"));
  position.image_id = TRY(written_by_us(ImageId::parse(text.substr(hash + 1)), "place"));
  return position;
}

std::string user_status(std::string_view user_id, ImageStatus status) {
  return std::string(user_id) + "#" + std::string(status_name(status));
}

std::string status_shard(ImageStatus status, std::uint32_t shard) {
  return std::string(status_name(status)) + "#" + two_digits(shard);
}

std::uint32_t shard_of(const ImageId& id, std::uint32_t shards) {
  const auto bytes = id.bytes();
  const auto last = static_cast<unsigned char>(bytes[15]),
             before = static_cast<unsigned char>(bytes[14]);
  return (std::uint32_t{before} * 256 + last) % shards;
}

std::string due_shard(std::uint32_t shard) { return "due#" + two_digits(shard); }

Item image_key(const ImageId& id) { return {{"image_id", id.to_string()}}; }

Item to_item(const ImageMetadata& image, std::uint32_t shards) {
  Attributes out;
  out.item = image_key(image.image_id);
  out.text("user_id", image.user_id).text("filename", image.filename);
  out.number("content_type", Value(media_type_name(image.content_type)));
  out.number("size", image.size).number("revision", image.revision);
  out.number("status", Value(status_name(image.status)));
  out.number("visibility", Value(visibility_name(image.visibility)));
  if (!image.tags.empty()) out.number("tags", tag_list(image.tags));
  out.optional_text("description", image.description).text("metadata", image.metadata_json);
  out.text("s3_bucket", image.s3_bucket).text("s3_key", image.s3_key);
  out.time("upload_timestamp", image.upload_timestamp).time("updated_at", image.updated_at);
  out.time("deleted_at", image.deleted_at).time("purge_at", image.purge_at);
  out.time("expires_at", image.expires_at).time("lease_until", image.lease_until);
  out.optional_text("sha256", image.sha256).optional_text("declared_sha256", image.declared_sha256);
  if (image.failure)
    out.number("failure", Item{{"code", image.failure->code}, {"detail", image.failure->detail}});
  if (image.facts) out.number("facts", facts_item(*image.facts));
  if (!image.variants.empty()) out.number("variants", variants_list(image.variants));
  if (image.deleted_from) out.number("deleted_from", Value(status_name(*image.deleted_from)));
  add_index_keys(out.item, image, shards);
  return std::move(out.item);
}

Result<ImageMetadata> to_image(const Item& item) {
  ImageMetadata image;
  image.image_id = TRY(written_by_us(ImageId::parse(text_of(item, "image_id")), "image_id"));
  image.user_id = text_of(item, "user_id");
  if (image.user_id.empty()) return internal_error("a record has no user");
  image.filename = text_of(item, "filename");
  image.content_type = TRY(read_type(text_of(item, "content_type")));
  image.size = TRY(read_number<std::uint64_t>(item, "size"));
  image.revision = TRY(read_number<std::int64_t>(item, "revision"));
  if (image.revision < 1) return internal_error("a record has no revision");
  image.status = TRY(read_status(text_of(item, "status")));
  image.visibility = parse_visibility(text_of(item, "visibility")).value_or(Visibility::private_);
  image.tags = read_tags(item);
  image.description = read_optional(item, "description");
  image.metadata_json = text_of(item, "metadata");
  image.s3_bucket = text_of(item, "s3_bucket");
  image.s3_key = text_of(item, "s3_key");
  TRY(read_times(item, image));
  image.sha256 = read_optional(item, "sha256");
  image.declared_sha256 = read_optional(item, "declared_sha256");
  if (const auto* failure = find<Item>(item, "failure"))
    image.failure = Failure{text_of(*failure, "code"), text_of(*failure, "detail")};
  if (const auto* facts = find<Item>(item, "facts")) image.facts = TRY(read_facts(*facts));
  image.variants = TRY(read_variants(item));
  if (item.contains("deleted_from"))
    image.deleted_from = TRY(read_status(text_of(item, "deleted_from")));
  return image;
}

}  // namespace tintype::dynamodb
