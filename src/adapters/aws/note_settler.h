// NoteSettler: does what the notes on records say (unsettled_note.h), and takes them away.
//
// Index rows may be written any number of times. Counters must take each change once: with
// transactions they change together with the end of the note; without, or where there are more of
// them than a transaction takes, each remembers the note's token. A note's maker lets the counters
// forget it in the end. Whoever finishes another one's note leaves it there, for its maker may
// still be about.
//
// For a minute a note is its maker's alone; others wait. After that whoever finds it claims it for
// as long. One who sees his minute ending stops, and leaves the rest to the next.
//
// Thread-safe. Errors: those of ports/metadata_store.h.
#pragma once

#include "adapters/aws/dynamodb_client.h"
#include "adapters/aws/unsettled_note.h"

namespace tintype::dynamodb {

struct RecordOptions {
  TableNames tables;
  bool transactions = true;
  std::uint32_t shards = 16;  // partitions that lists of all users are spread over
  std::size_t most_in_transaction = kMostInTransaction;  // items; more are written in steps
};

class NoteSettler {
 public:
  // The references must outlive the settler.
  NoteSettler(Client& client, const Clock& clock, RecordOptions options);

  enum class Maker : bool { us, somebody_else };
  // Finishes the record's note, if it has one.
  Result<void> settle(const StoredRecord& record, Maker maker);

  Result<std::optional<StoredRecord>> read(const ImageId& id);
  // The same once it has no note; nothing for one that is going. `unavailable` if another one takes
  // too long about it.
  Result<std::optional<StoredRecord>> read_settled(const ImageId& id);
  // Finishes notes that nobody works on any more, at most `limit`. One that cannot be finished does
  // not keep the others from it.
  Result<void> settle_old(std::size_t limit);

 private:
  bool is_abandoned(const StoredRecord& record) const;
  Result<void> check_time_left(const StoredRecord& record) const;
  Result<bool> is_our_claim(const Outcome& outcome, const ImageId& id, const std::string& token);
  Result<void> settle_abandoned(StoredRecord record);
  Result<void> settle_old_one(const Item& found);
  Result<void> write_rows(const StoredRecord& record, const Item& note);
  Result<void> count_with_tokens(const StoredRecord& record, const std::vector<Update>& counters,
                                 Maker maker);

  Client& client_;
  const Clock& clock_;
  RecordOptions options_;
};

}  // namespace tintype::dynamodb
