#include "adapters/embedded/image_rows.h"

#include <charconv>

namespace tintype {
namespace {

// Binds the columns one after the other.
class RowBinder {
 public:
  explicit RowBinder(SqliteQuery& query) : query_(query) {}

  template <typename T>
  RowBinder& number(T value) {
    query_.bind(++at_, static_cast<std::int64_t>(value));
    return *this;
  }
  template <typename T>
  RowBinder& number(const std::optional<T>& value) {
    return value ? number(*value) : null();
  }
  RowBinder& time(Timestamp value) { return query_.bind(++at_, value), *this; }
  RowBinder& time(const std::optional<Timestamp>& value) {
    return query_.bind(++at_, value), *this;
  }
  RowBinder& text(std::string_view value) { return query_.bind_text(++at_, value), *this; }
  RowBinder& optional_text(const std::optional<std::string>& value) {
    return query_.bind_text(++at_, value), *this;
  }
  // Empty texts are stored as NULL where the record does not tell them apart.
  RowBinder& text_or_null(std::string_view value) { return value.empty() ? null() : text(value); }
  RowBinder& blob(std::string_view value) { return query_.bind_blob(++at_, value), *this; }
  RowBinder& null() { return query_.bind_null(++at_), *this; }

 private:
  SqliteQuery& query_;
  int at_ = 0;
};

// Reads the columns one after the other.
class RowReader {
 public:
  explicit RowReader(const SqliteQuery& row) : row_(row) {}

  template <typename T = std::int64_t>
  T number() {
    return static_cast<T>(row_.integer(at_++));
  }
  Timestamp time() { return row_.time(at_++); }
  std::optional<Timestamp> optional_time() { return row_.optional_time(at_++); }
  std::string_view text() { return row_.text(at_++); }
  std::optional<std::string> optional_text() { return row_.optional_text(at_++); }
  std::string_view blob() { return row_.blob(at_++); }
  bool next_is_null() const { return row_.is_null(at_); }
  void skip(int columns) { at_ += columns; }

 private:
  const SqliteQuery& row_;
  int at_ = 0;
};

constexpr int kFactsColumns = 10;  // facts_content_type to perceptual_hash
constexpr std::string_view kEmptyObject = "{}";

std::string_view unless_empty_object(std::string_view json) {
  return json == kEmptyObject ? std::string_view() : json;
}
std::string_view or_empty_object(std::string_view json) {
  return json.empty() ? kEmptyObject : json;
}

std::vector<std::string> split_tags(std::string_view text) {
  std::vector<std::string> tags;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    tags.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return tags;
}

// One line per variant: width, height, type and size as numbers, then the name.
std::string variants_text(const std::vector<Variant>& variants) {
  std::string out;
  for (const auto& v : variants) {
    for (const std::uint64_t n : {std::uint64_t{v.width}, std::uint64_t{v.height},
                                  static_cast<std::uint64_t>(v.content_type), v.size})
      out.append(std::to_string(n)).append(" ");
    out.append(v.name).append("\n");
  }
  return out;
}

std::uint64_t take_number(std::string_view& line) {
  std::uint64_t n = 0;
  const auto end = std::from_chars(line.data(), line.data() + line.size(), n).ptr;
  line.remove_prefix(std::min<std::size_t>(end - line.data() + 1, line.size()));
  return n;
}

std::vector<Variant> parse_variants(std::string_view text) {
  std::vector<Variant> variants;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    Variant v;
    v.width = static_cast<std::uint32_t>(take_number(line));
    v.height = static_cast<std::uint32_t>(take_number(line));
    v.content_type = static_cast<MediaType>(take_number(line));
    v.size = take_number(line);
    v.name = std::string(line);
    variants.push_back(std::move(v));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return variants;
}

void bind_facts(RowBinder& to, const std::optional<ImageFacts>& facts) {
  if (!facts) {
    for (int i = 0; i < kFactsColumns + 2; ++i) to.null();
    return;
  }
  to.number(facts->content_type).number(facts->width).number(facts->height).number(facts->frames);
  to.number(facts->orientation).number(facts->has_alpha).text_or_null(facts->color_profile);
  if (facts->thumbhash.empty()) to.null();
  else to.blob(facts->thumbhash);
  to.text_or_null(facts->dominant_color).text_or_null(facts->perceptual_hash);
  to.text_or_null(facts->location_json).text_or_null(unless_empty_object(facts->exif_json));
}

std::optional<ImageFacts> read_facts(RowReader& from) {
  if (from.next_is_null()) {
    from.skip(kFactsColumns + 2);
    return std::nullopt;
  }
  ImageFacts facts;
  facts.content_type = from.number<MediaType>();
  facts.width = from.number<std::uint32_t>();
  facts.height = from.number<std::uint32_t>();
  facts.frames = from.number<std::uint32_t>();
  facts.orientation = from.number<std::uint8_t>();
  facts.has_alpha = from.number<bool>();
  facts.color_profile = from.text();
  facts.thumbhash = from.blob();
  facts.dominant_color = from.text();
  facts.perceptual_hash = from.text();
  facts.location_json = from.text();
  facts.exif_json = or_empty_object(from.text());
  return facts;
}

std::optional<Failure> read_failure(RowReader& from) {
  if (from.next_is_null()) {
    from.skip(2);
    return std::nullopt;
  }
  Failure failure;
  failure.code = from.text();
  failure.detail = from.text();
  return failure;
}

std::optional<ImageStatus> read_optional_status(RowReader& from) {
  if (!from.next_is_null()) return from.number<ImageStatus>();
  from.skip(1);
  return std::nullopt;
}

}  // namespace

ImageRowTexts::ImageRowTexts(const ImageMetadata& image)
    : tags(join_tags(image.tags)), variants(variants_text(image.variants)) {}

void bind_image(SqliteQuery& query, const ImageMetadata& image, const ImageRowTexts& texts,
                std::optional<std::int64_t> doc) {
  RowBinder to(query);
  to.text(image.user_id).number(image.status).time(image.upload_timestamp);
  to.blob(image.image_id.bytes()).number(doc).time(due_at(image));
  to.number(image.content_type).number(image.size).text_or_null(texts.tags);
  to.text(image.filename).number(image.visibility).text(image.s3_bucket).text(image.s3_key);
  to.time(image.updated_at).number(image.revision).optional_text(image.sha256);
  if (image.failure) to.text(image.failure->code).text(image.failure->detail);
  else to.null().null();
  to.time(image.deleted_at).time(image.purge_at).number(image.deleted_from);
  to.optional_text(image.declared_sha256).time(image.expires_at).time(image.lease_until);
  to.text_or_null(texts.variants);
  bind_facts(to, image.facts);
  to.optional_text(image.description).text_or_null(unless_empty_object(image.metadata_json));
}

ImageMetadata read_image(const SqliteQuery& row) {
  RowReader from(row);
  ImageMetadata image;
  image.user_id = from.text();
  image.status = from.number<ImageStatus>();
  image.upload_timestamp = from.time();
  if (auto id = ImageId::from_bytes(from.blob()); id.ok()) image.image_id = *id;
  from.skip(2);  // doc and due_at follow from the rest
  image.content_type = from.number<MediaType>();
  image.size = from.number<std::uint64_t>();
  image.tags = split_tags(from.text());
  image.filename = from.text();
  image.visibility = from.number<Visibility>();
  image.s3_bucket = from.text();
  image.s3_key = from.text();
  image.updated_at = from.time();
  image.revision = from.number();
  image.sha256 = from.optional_text();
  image.failure = read_failure(from);
  image.deleted_at = from.optional_time();
  image.purge_at = from.optional_time();
  image.deleted_from = read_optional_status(from);
  image.declared_sha256 = from.optional_text();
  image.expires_at = from.optional_time();
  image.lease_until = from.optional_time();
  image.variants = parse_variants(from.text());
  image.facts = read_facts(from);
  image.description = from.optional_text();
  image.metadata_json = or_empty_object(from.text());
  return image;
}

Result<std::vector<ImageMetadata>> read_images(SqliteQuery& query) {
  std::vector<ImageMetadata> images;
  while (TRY(query.step())) images.push_back(read_image(query));
  return images;
}

std::string join_tags(const std::vector<std::string>& tags) {
  std::string out;
  for (const auto& tag : tags) out.append(out.empty() ? "" : " ").append(tag);
  return out;
}

}  // namespace tintype
