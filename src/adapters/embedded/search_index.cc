#include "adapters/embedded/search_index.h"

#include <algorithm>

#include "adapters/embedded/image_rows.h"
#include "base/encoding.h"

namespace tintype {
namespace {

constexpr std::int64_t kSequenceMask = (std::int64_t{1} << kDocSequenceBits) - 1;

// The first 15 random bits of a UUID v7, so that the order within a millisecond is nearly the id's.
std::int64_t first_sequence(const ImageId& id) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::int64_t>(static_cast<unsigned char>(id.bytes()[i]));
  };
  return (byte(6) & 0x0F) << 11 | byte(7) << 3 | (byte(8) >> 3 & 0x07);
}

// One token per user, whatever characters the id has.
std::string owner_token(std::string_view user_id) { return hex_encode(user_id); }

constexpr char kFindDoc[] = "SELECT 1 FROM images WHERE doc=?1 AND doc IS NOT NULL";
constexpr char kAdd[] =
    "INSERT INTO image_words(rowid, description, filename, tags, owner) VALUES(?1,?2,?3,?4,?5)";
constexpr char kRemove[] =
    "INSERT INTO image_words(image_words, rowid, description, filename, tags, owner) "
    "VALUES('delete',?1,?2,?3,?4,?5)";

}  // namespace

std::pair<std::int64_t, std::int64_t> doc_range(std::int64_t from_ms, std::int64_t to_ms) {
  // An empty range must stay one, also where the bounds are cut to what keys can hold.
  if (from_ms > to_ms || to_ms < 0 || from_ms > kMaxDocTime) return {1, 0};
  return {std::max<std::int64_t>(from_ms, 0) << kDocSequenceBits,
          std::min(to_ms, kMaxDocTime) << kDocSequenceBits | kSequenceMask};
}

Result<std::int64_t> free_doc(SqliteConnection& connection, const ImageMetadata& image) {
  const std::int64_t base = image.upload_timestamp.time_since_epoch().count() << kDocSequenceBits;
  std::int64_t sequence = first_sequence(image.image_id);
  for (std::int64_t tried = 0; tried <= kSequenceMask; ++tried) {
    auto q = TRY(connection.query(kFindDoc));
    q.bind(1, base | sequence);
    if (!TRY(q.step())) return base | sequence;
    sequence = (sequence + 1) & kSequenceMask;
  }
  return unavailable_error("Too many images have the same upload time.");
}

DocChange::DocChange(Kind k, std::int64_t d, const ImageMetadata& image)
    : kind(k),
      doc(d),
      description(image.description.value_or("")),
      filename(image.filename),
      tags(join_tags(image.tags)),
      owner(owner_token(image.user_id)) {}

bool same_document(const ImageMetadata& a, const ImageMetadata& b) {
  return a.description.value_or("") == b.description.value_or("") && a.filename == b.filename &&
         a.tags == b.tags;
}

Result<void> apply_doc_changes(SqliteConnection& connection,
                               const std::vector<DocChange>& changes) {
  for (const auto& change : changes) {
    auto q = TRY(connection.query(change.kind == DocChange::Kind::add ? kAdd : kRemove));
    q.bind(1, change.doc);
    q.bind_text(2, std::string_view(change.description));
    q.bind_text(3, std::string_view(change.filename));
    q.bind_text(4, std::string_view(change.tags));
    q.bind_text(5, std::string_view(change.owner));
    TRY(q.run());
  }
  return {};
}

std::string match_text(std::string_view words, const std::optional<std::string>& user_id) {
  std::string quoted;
  bool inside = false;
  for (const char c : words) {
    if (static_cast<unsigned char>(c) <= ' ') {  // NUL too, which would end the text
      if (inside) quoted += "\" ";
      inside = false;
      continue;
    }
    if (!inside) quoted += '"';
    inside = true;
    quoted += c == '"' ? "\"\"" : std::string_view(&c, 1);
  }
  if (inside) quoted += '"';
  if (quoted.empty()) return {};
  std::string match = "{description filename tags} : (" + quoted + ")";
  if (user_id) match += " AND owner : \"" + owner_token(*user_id) + "\"";
  return match;
}

}  // namespace tintype
