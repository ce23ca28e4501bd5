// The note on a record of what is still to be done beside it: index rows to be put and removed, and
// counters to be added to. It is the record's attribute `unsettled`; while it stands there, the
// record's `due_shard` is kUnsettled and its `due_at` says since when somebody works on it. Pure
// functions.
#pragma once

#include "adapters/aws/record_writes.h"

namespace tintype::dynamodb {

// A record as the table has it.
struct StoredRecord {
  ImageMetadata image;
  Item item;

  // Null when all is done.
  const Item* note() const { return find<Item>(item, "unsettled"); }
  // The note says that the record is to go: to readers it is gone.
  bool is_going() const;
};

enum class Aim : bool { change, removal };

// `token`: unique to the one who makes the note.
Item note_of(const Consequences& consequences, const std::string& token, Aim aim);
// Puts the note on the record, or renews the claim on it, from `now`.
void attach_note(Item& record, Item note, Timestamp now, const ImageId& id);

std::string token_of(const Item& note);
// Some of the counters may already have taken the token, so all must be asked for it.
void count_by_token(Item& note);
bool is_counted_by_token(const Item& note);
// Since when somebody works on the note. Errors: `internal`.
Result<Timestamp> claimed_at(const Item& record);

std::vector<Write> rows_in(const Item& note, const TableNames& tables);
std::vector<Update> counters_in(const Item& note, const TableNames& tables,
                                std::string_view user_id);
// The note claimed anew, if nobody else has meanwhile.
Put claim(const StoredRecord& record, Item claimed, const std::string& table);
// The record without its note, or its end, if the note and the claim are still those.
Write without_note(const StoredRecord& record, const std::string& table, std::uint32_t shards);
Delete withdrawal(const StoredRecord& record, const std::string& table);

}  // namespace tintype::dynamodb
