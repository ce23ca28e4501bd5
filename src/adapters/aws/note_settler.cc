#include "adapters/aws/note_settler.h"

#include <algorithm>
#include <thread>

#include "adapters/aws/image_item.h"

namespace tintype::dynamodb {
namespace {

// A note belongs to its maker, or to who has claimed it, for this long.
constexpr seconds kNoteLease{60};
// A step that begins with this much of it left ends before it does.
constexpr seconds kStepTime{20};
// Others wait for a note to go.
constexpr milliseconds kNotePatience{5000};
constexpr milliseconds kNoteLook{20};

}  // namespace

NoteSettler::NoteSettler(Client& client, const Clock& clock, RecordOptions options)
    : client_(client), clock_(clock), options_(std::move(options)) {}

Result<std::optional<StoredRecord>> NoteSettler::read(const ImageId& id) {
  auto item = TRY(client_.get(options_.tables.images, image_key(id)));
  if (!item) return std::optional<StoredRecord>();
  auto image = TRY(to_image(*item));
  return std::optional(StoredRecord{std::move(image), std::move(*item)});
}

bool NoteSettler::is_abandoned(const StoredRecord& record) const {
  const auto claimed = claimed_at(record.item);
  return !claimed.ok() || *claimed + kNoteLease <= clock_.now();
}

Result<void> NoteSettler::check_time_left(const StoredRecord& record) const {
  if (TRY(claimed_at(record.item)) + kNoteLease - kStepTime > clock_.now()) return {};
  return unavailable_error("What follows from the change of an image takes too long.");
}

Result<void> NoteSettler::write_rows(const StoredRecord& record, const Item& note) {
  const auto rows = rows_in(note, options_.tables);
  for (std::size_t at = 0; at < rows.size(); at += kMostInBatchWrite) {
    const auto end = std::min(rows.size(), at + kMostInBatchWrite);
    TRY(check_time_left(record));
    TRY(client_.batch_write({rows.begin() + static_cast<std::ptrdiff_t>(at),
                             rows.begin() + static_cast<std::ptrdiff_t>(end)}));
  }
  return {};
}

Result<void> NoteSettler::settle(const StoredRecord& record, Maker maker) {
  const Item* note = record.note();
  if (!note) return {};
  TRY(write_rows(record, *note));
  const auto counters = counters_in(*note, options_.tables, record.image.user_id);
  const bool at_once = options_.transactions && counters.size() < options_.most_in_transaction &&
                       !is_counted_by_token(*note);
  if (!at_once) return count_with_tokens(record, counters, maker);
  std::vector<Write> writes{without_note(record, options_.tables.images, options_.shards)};
  writes.insert(writes.end(), counters.begin(), counters.end());
  TRY(check_time_left(record));
  // Refused: it is done, by an attempt whose answer was lost or by somebody else.
  TRY(writes.size() == 1 ? client_.write(writes.front()) : client_.transact(writes));
  return {};
}

Result<void> NoteSettler::count_with_tokens(const StoredRecord& record,
                                            const std::vector<Update>& counters, Maker maker) {
  const std::string token = token_of(*record.note());
  for (Update counter : counters) {
    only_once(counter, token);
    TRY(check_time_left(record));
    TRY(client_.write(counter));  // refused: it knows the token already
  }
  TRY(check_time_left(record));
  const auto write = without_note(record, options_.tables.images, options_.shards);
  const auto outcome = TRY(client_.write(write));
  const bool others_have_it = !outcome.done && !outcome.repeated;
  if (maker == Maker::somebody_else || others_have_it) return {};
  for (const Update& counter : counters) TRY(client_.write(forget_token(counter, token)));
  return {};
}

// A refused claim may have been done by an earlier attempt of ours.
Result<bool> NoteSettler::is_our_claim(const Outcome& outcome, const ImageId& id,
                                       const std::string& token) {
  if (!outcome.repeated) return false;
  const auto there = TRY(read(id));
  return there && text_of(there->item, "claim_token") == token;
}

Result<void> NoteSettler::settle_abandoned(StoredRecord record) {
  const std::string token = client_.new_token();
  Item claimed = record.item;
  claimed["due_at"] = listed_at({clock_.now(), record.image.image_id});
  claimed["claim_token"] = token;
  const auto outcome = TRY(client_.write(claim(record, claimed, options_.tables.images)));
  if (!outcome.done && !TRY(is_our_claim(outcome, record.image.image_id, token)))
    return {};  // somebody else was faster
  record.item = std::move(claimed);
  return settle(record, Maker::somebody_else);
}

Result<std::optional<StoredRecord>> NoteSettler::read_settled(const ImageId& id) {
  const Deadline deadline = deadline_in(kNotePatience);
  while (true) {
    auto record = TRY(read(id));
    if (!record || !record->note()) return record;
    if (is_abandoned(*record)) TRY(settle_abandoned(std::move(*record)));
    else if (record->is_going()) return std::optional<StoredRecord>();
    else if (has_passed(deadline))
      return unavailable_error("The image is being changed; try again.");
    else std::this_thread::sleep_for(kNoteLook);
  }
}

Result<void> NoteSettler::settle_old_one(const Item& found) {
  const auto id = TRY(ImageId::parse(text_of(found, "image_id")));
  auto record = TRY(read(id));
  if (!record || !record->note() || !is_abandoned(*record)) return {};  // the index is behind
  return settle_abandoned(std::move(*record));
}

Result<void> NoteSettler::settle_old(std::size_t limit) {
  const Timestamp before = clock_.now() - kNoteLease;
  Query query{.table = options_.tables.images, .index = std::string(kDueIndex)};
  query.key_condition = query.placeholders.name("due_shard") + " = " +
                        query.placeholders.value(Value(kUnsettled)) + " AND " +
                        query.placeholders.name("due_at") + " < " +
                        query.placeholders.value(Value(format_rfc3339(before)));
  query.limit = limit;
  for (const auto& found : TRY(client_.query(query)).items) {
    auto settled = settle_old_one(found);
    if (!settled.ok() && settled.error().is(ErrorKind::unavailable)) return settled;
  }
  return {};
}

}  // namespace tintype::dynamodb
