// The full-text index `image_words`: one document per indexed image.
//
// The key of a document is its image's upload time (48 bits of milliseconds) followed by 15 bits of
// the id, moved on to a free key on collision. So documents are ordered by time as lists are, and
// only within one millisecond may the order differ.
#pragma once

#include <utility>
#include <vector>

#include "adapters/embedded/sqlite.h"
#include "domain/image_metadata.h"

namespace tintype {

inline constexpr int kDocSequenceBits = 15;
inline constexpr std::int64_t kMaxDocTime = (std::int64_t{1} << 48) - 1;

// The time of a document, as milliseconds.
inline std::int64_t doc_time(std::int64_t doc) { return doc >> kDocSequenceBits; }
// The first and the last key that documents of images in [from, to] can have.
std::pair<std::int64_t, std::int64_t> doc_range(std::int64_t from_ms, std::int64_t to_ms);

// A free key for the image.
Result<std::int64_t> free_doc(SqliteConnection& connection, const ImageMetadata& image);

// A document to add or to remove. Removing needs the texts that were added.
struct DocChange {
  enum class Kind : std::uint8_t { add, remove };
  DocChange(Kind k, std::int64_t d, const ImageMetadata& image);
  Kind kind;
  std::int64_t doc;
  std::string description;
  std::string filename;
  std::string tags;
  std::string owner;
};

// True when both images have the same document.
bool same_document(const ImageMetadata& a, const ImageMetadata& b);

// FTS5 writes what it has gathered at every savepoint, so changes are applied once per transaction.
Result<void> apply_doc_changes(SqliteConnection& connection, const std::vector<DocChange>& changes);

// The MATCH text for the words of a user (nothing: of all users): every part between spaces becomes
// a quoted string, so that nothing in it is syntax. Empty when there is no word.
std::string match_text(std::string_view words, const std::optional<std::string>& user_id);

}  // namespace tintype
