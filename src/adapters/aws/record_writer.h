// RecordWriter: changes a record and, with it, everything that follows from it: its index rows, the
// counts of its tags and its user's usage.
//
// Where the server has transactions, all of that is one. Where it has none (ScyllaDB Alternator),
// or a change is larger than a transaction may be, the record is the commit point: it is written
// with a note of what is still to be done, the rest follows in steps that may be repeated, and the
// note is taken away (note_settler.h). Once the record is written the change has succeeded, even if
// the rest follows later. docs/adr/dynamodb-records.md tells why.
//
// Thread-safe. Errors: those of ports/metadata_store.h.
#pragma once

#include "adapters/aws/note_settler.h"

namespace tintype::dynamodb {

class RecordWriter {
 public:
  // The references must outlive the writer.
  RecordWriter(Client& client, const Clock& clock, RecordOptions options);

  // Whether everything that follows from the change is done too.
  enum class Settled : bool { later, now };
  Result<Settled> insert(const ImageMetadata& image, const Quota& quota);
  // `before` is what the table has, and `after` has its revision plus one.
  Result<Settled> replace(const ImageMetadata& before, const ImageMetadata& after);
  Result<Settled> remove(const ImageMetadata& before);
  // One conditional update; nothing: refused.
  Result<std::optional<ImageMetadata>> take_lease(const ImageId& id, Timestamp now,
                                                  Timestamp until);

  // Of NoteSettler.
  Result<std::optional<StoredRecord>> read(const ImageId& id) { return settler_.read(id); }
  Result<std::optional<StoredRecord>> read_settled(const ImageId& id) {
    return settler_.read_settled(id);
  }
  Result<void> settle_old(std::size_t limit) { return settler_.settle_old(limit); }

 private:
  Result<Outcome> commit(const std::vector<Write>& writes);
  bool fits(const std::vector<Write>& writes) const;
  Result<void> insert_at_once(const ImageMetadata& image, const std::vector<Write>& writes);
  Result<Settled> insert_in_steps(const ImageMetadata& image, const Quota& quota,
                                  const Consequences& consequences);
  Result<void> make_room(const StoredRecord& record, const Quota& quota, const std::string& token);
  Result<Settled> change_in_steps(const ImageMetadata& before, const ImageMetadata& after,
                                  const Consequences& consequences, Aim aim);
  Result<bool> is_our_note(const Outcome& outcome, const ImageId& id, const std::string& token);
  Result<void> check_replaced(const Outcome& outcome, const ImageMetadata& before,
                              const ImageMetadata* after);
  Settled settle(const StoredRecord& record);

  Client& client_;
  const Clock& clock_;
  RecordOptions options_;
  NoteSettler settler_;
};

}  // namespace tintype::dynamodb
