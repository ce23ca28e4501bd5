#include "adapters/embedded/hash_index.h"

#include <array>

#include "domain/hash_distance.h"

namespace tintype {
namespace {

constexpr int kBandBits = 16;
// How many bits of each band may differ in the lists that are read.
constexpr std::array kBandReach = {2, 2, 2, 1};
static_assert(kBandReach[0] + kBandReach[1] + kBandReach[2] + kBandReach[3] + 4 > kSimilarDistance,
              "a similar image must be near in one band at least");

constexpr char kAdd[] =
    "INSERT INTO image_hashes(list, upload_timestamp, image_id, hash, user_id) "
    "VALUES(?1,?2,?3,?4,?5)";
constexpr char kRemove[] =
    "DELETE FROM image_hashes WHERE list=?1 AND upload_timestamp=?2 AND image_id=?3";
constexpr char kActiveHashes[] =
    "SELECT user_id, upload_timestamp, image_id, perceptual_hash FROM images "
    "WHERE status=1 AND perceptual_hash IS NOT NULL";

// What the index holds of an image. The texts belong to the image.
struct HashEntry {
  std::uint64_t hash = 0;
  std::string_view user_id;
  Timestamp upload_timestamp;
  std::string_view image_id;
};

std::int64_t list_of(std::size_t band, std::uint64_t value) {
  return static_cast<std::int64_t>(band << kBandBits | value);
}

std::uint64_t band_value(std::uint64_t hash, std::size_t band) {
  return hash >> (kBandBits * band) & ((1u << kBandBits) - 1);
}

// Appends the lists of all values that differ from `value` in `reach` more bits, all from bit
// `first` up, and in fewer.
void append_lists(std::vector<std::int64_t>& lists, std::size_t band, std::uint64_t value,
                  int first, int reach) {
  lists.push_back(list_of(band, value));
  if (reach == 0) return;
  for (int bit = first; bit < kBandBits; ++bit)
    append_lists(lists, band, value ^ std::uint64_t{1} << bit, bit + 1, reach - 1);
}

Result<void> add_entry(SqliteConnection& connection, const HashEntry& entry) {
  for (std::size_t list = 0; list <= kBandReach.size(); ++list) {
    const bool of_user = list == kBandReach.size();
    auto q = TRY(connection.query(kAdd));
    if (of_user) q.bind_text(1, entry.user_id);
    else q.bind(1, list_of(list, band_value(entry.hash, list)));
    q.bind(2, entry.upload_timestamp);
    q.bind_blob(3, entry.image_id);
    q.bind(4, static_cast<std::int64_t>(entry.hash));
    if (of_user) q.bind_null(5);
    else q.bind_text(5, entry.user_id);
    TRY(q.run());
  }
  return {};
}

Result<void> remove_entry(SqliteConnection& connection, const HashEntry& entry) {
  for (std::size_t list = 0; list <= kBandReach.size(); ++list) {
    auto q = TRY(connection.query(kRemove));
    if (list == kBandReach.size()) q.bind_text(1, entry.user_id);
    else q.bind(1, list_of(list, band_value(entry.hash, list)));
    q.bind(2, entry.upload_timestamp);
    q.bind_blob(3, entry.image_id);
    TRY(q.run());
  }
  return {};
}

std::optional<HashEntry> entry_of(const ImageMetadata* image) {
  if (image == nullptr || !is_indexed(*image) || !image->facts) return {};
  const auto hash = parse_perceptual_hash(image->facts->perceptual_hash);
  if (!hash) return {};
  return HashEntry{*hash, image->user_id, image->upload_timestamp, image->image_id.bytes()};
}

}  // namespace

std::vector<std::int64_t> lists_near(std::uint64_t hash) {
  std::vector<std::int64_t> lists;
  for (std::size_t band = 0; band < kBandReach.size(); ++band)
    append_lists(lists, band, band_value(hash, band), 0, kBandReach[band]);
  return lists;
}

Result<void> change_hash(SqliteConnection& connection, const ImageMetadata* before,
                         const ImageMetadata* after) {
  const auto from = entry_of(before);
  const auto to = entry_of(after);
  if (from && to && from->hash == to->hash) return {};
  if (from) TRY(remove_entry(connection, *from));
  if (to) TRY(add_entry(connection, *to));
  return {};
}

Result<void> fill_hash_index(SqliteConnection& connection) {
  auto rows = TRY(connection.query(kActiveHashes));
  while (TRY(rows.step())) {
    const auto hash = parse_perceptual_hash(rows.text(3));
    if (!hash) continue;
    TRY(add_entry(connection, {*hash, rows.text(0), rows.time(1), rows.blob(2)}));
  }
  return {};
}

}  // namespace tintype
