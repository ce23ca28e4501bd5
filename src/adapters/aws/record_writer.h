// RecordWriter: changes a record and, with it, everything that follows from it: its index rows, the
// counts of its tags and its user's usage.
//
// Where the server has transactions, all of that is one. Where it has none (ScyllaDB Alternator),
// or a change is larger than a transaction may be, the record is the commit point: it is written
// with a note of what is still to be done (`unsettled`), the rest follows in steps that may be
// repeated, and the note is taken away. For a minute a note is its maker's alone; others wait for
// it. Later whoever finds it claims it for as long, and finishes it. Counters take each change
// once: they remember its token until the note is gone, and for good when its maker may still be
// about. docs/adr/dynamodb-records.md tells why.
//
// Thread-safe. Errors: those of ports/metadata_store.h.
#pragma once

#include "adapters/aws/dynamodb_client.h"
#include "adapters/aws/dynamodb_tables.h"
#include "adapters/aws/index_rows.h"
#include "ports/metadata_store.h"

namespace tintype::dynamodb {

struct RecordOptions {
  TableNames tables;
  bool transactions = true;
  std::uint32_t shards = 16;  // partitions that lists of all users are spread over
};

// A record as the table has it.
struct StoredRecord {
  ImageMetadata image;
  bool unsettled = false;
  Item item;
};

class RecordWriter {
 public:
  // The references must outlive the writer.
  RecordWriter(Client& client, const Clock& clock, RecordOptions options);

  Result<void> insert(const ImageMetadata& image, const Quota& quota);
  // `before` is what the table has, and `after` has its revision plus one.
  Result<void> replace(const ImageMetadata& before, const ImageMetadata& after);
  Result<void> remove(const ImageMetadata& before);
  // One conditional update.
  struct Lease {
    std::optional<ImageMetadata> image;  // nothing: refused
    bool repeated = false;               // refused, perhaps because an earlier attempt took it
  };
  Result<Lease> take_lease(const ImageId& id, Timestamp now, Timestamp until);

  Result<std::optional<StoredRecord>> read(const ImageId& id);
  // The same once it has no note; `unavailable` if another one takes too long about it.
  Result<std::optional<StoredRecord>> read_settled(const ImageId& id);
  // Finishes notes that nobody works on any more, at most `limit`.
  Result<void> settle_old(std::size_t limit);

 private:
  enum class Maker : bool { us, somebody_else };
  // Finishes what the note on the record says.
  Result<void> settle(const StoredRecord& record, Maker maker);
  // False when somebody else was faster.
  Result<bool> claim(StoredRecord& record);
  bool is_abandoned(const StoredRecord& record) const;
  Result<Outcome> commit(const std::vector<Write>& writes);
  bool fits(const std::vector<Write>& writes) const;
  Result<void> insert_at_once(const ImageMetadata& image, const Quota& quota,
                              const std::vector<Write>& writes);
  Result<void> insert_in_steps(const ImageMetadata& image, const Quota& quota,
                               const Consequences& consequences);
  Result<void> reserve(const ImageMetadata& image, const Quota& quota, const std::string& token);
  Result<void> check_replaced(const Outcome& outcome, const ImageMetadata& before,
                              const ImageMetadata* after);
  Result<void> apply(const Item& note);
  Result<void> count_once(const Update& update);

  Client& client_;
  const Clock& clock_;
  RecordOptions options_;
};

}  // namespace tintype::dynamodb
