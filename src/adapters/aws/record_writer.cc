#include "adapters/aws/record_writer.h"

#include "adapters/aws/image_item.h"

namespace tintype::dynamodb {
namespace {

Error already_exists() {
  return {ErrorKind::conflict, "already_exists", "An image with this id exists.", {}};
}
Error quota_exceeded() {
  return {ErrorKind::unprocessable, "quota_exceeded", "The user's quota is used up.", {}};
}

// Why a change of the record was refused.
Error refusal(const std::optional<StoredRecord>& there) {
  return there && !there->is_going() ? stale_error() : not_found_error("There is no such image.");
}

bool has_limit(const Quota& quota) { return quota.max_images != 0 || quota.max_bytes != 0; }

Update lease_update(const std::string& table, const ImageId& id, Timestamp now, Timestamp until,
                    const std::string& token) {
  Update update{table, image_key(id), {}, {}, {}};
  auto& p = update.placeholders;
  const std::string lease = p.name("lease_until"), revision = p.name("revision");
  update.update = "SET " + lease + " = " + p.value(format_rfc3339(until)) + ", " + revision +
                  " = " + revision + " + " + p.value(1) + ", " + p.name("lease_token") + " = " +
                  p.value(token) + ", " + p.name("due_shard") + " = " +
                  p.value(due_shard(shard_of(id, kDueShards))) + ", " + p.name("due_at") + " = " +
                  p.value(listed_at({until, id}));
  update.condition = p.name("status") + " = " +
                     p.value(Value(status_name(ImageStatus::processing))) +
                     " AND (attribute_not_exists(" + lease + ") OR " + lease +
                     " <= " + p.value(format_rfc3339(now)) + ") AND attribute_not_exists(" +
                     p.name("unsettled") + ")";
  update.return_new = true;
  return update;
}

}  // namespace

RecordWriter::RecordWriter(Client& client, const Clock& clock, RecordOptions options)
    : client_(client), clock_(clock), options_(options), settler_(client, clock, options) {}

bool RecordWriter::fits(const std::vector<Write>& writes) const {
  return writes.size() == 1 ||
         (options_.transactions && writes.size() <= options_.most_in_transaction);
}

Result<Outcome> RecordWriter::commit(const std::vector<Write>& writes) {
  return writes.size() == 1 ? client_.write(writes.front()) : client_.transact(writes);
}

// The record is written: what is left is finished now, or by whoever finds the note.
RecordWriter::Settled RecordWriter::settle(const StoredRecord& record) {
  return settler_.settle(record, NoteSettler::Maker::us).ok() ? Settled::now : Settled::later;
}

Result<RecordWriter::Settled> RecordWriter::insert(const ImageMetadata& image, const Quota& quota) {
  const Usage added = usage_of(image);
  if (!fits_at_all(added, quota)) return quota_exceeded();
  const auto consequences = consequences_of(nullptr, &image, options_.shards);
  std::vector<Write> writes;
  writes.emplace_back(put_if_new(options_.tables.images, to_item(image, options_.shards)));
  add_consequences(writes, options_.tables, image.user_id, consequences);
  if (consequences.touches_usage()) demand_room(std::get<Update>(writes[1]), added, quota);
  if (!fits(writes)) return insert_in_steps(image, quota, consequences);
  TRY(insert_at_once(image, writes));
  return Settled::now;
}

Result<void> RecordWriter::insert_at_once(const ImageMetadata& image,
                                          const std::vector<Write>& writes) {
  const auto outcome = TRY(commit(writes));
  if (outcome.done) return {};
  if (!outcome.refusals.empty() && !outcome.refusals[0].failed) return quota_exceeded();
  if (outcome.repeated) {
    const auto there = TRY(read(image.image_id));
    if (there && there->image == image) return {};  // our own write, whose answer was lost
  }
  return already_exists();
}

// First the record with its note, so that whatever is counted belongs to a record.
Result<RecordWriter::Settled> RecordWriter::insert_in_steps(const ImageMetadata& image,
                                                            const Quota& quota,
                                                            const Consequences& consequences) {
  const std::string token = client_.new_token();
  Item note = note_of(consequences, token, Aim::change);
  const bool needs_room = has_limit(quota) && consequences.touches_usage();
  if (needs_room) count_by_token(note);
  StoredRecord record{image, to_item(image, options_.shards)};
  attach_note(record.item, std::move(note), clock_.now(), image.image_id);
  const auto outcome = TRY(client_.write(put_if_new(options_.tables.images, record.item)));
  if (!outcome.done && !TRY(is_our_note(outcome, image.image_id, token))) return already_exists();
  if (needs_room) TRY(make_room(record, quota, token));
  return settle(record);
}

// An error leaves record and note: the room may have been taken, and then belongs to them.
Result<void> RecordWriter::make_room(const StoredRecord& record, const Quota& quota,
                                     const std::string& token) {
  const Usage added = usage_of(record.image);
  Update update =
      usage_update(options_.tables, record.image.user_id, static_cast<std::int64_t>(added.images),
                   static_cast<std::int64_t>(added.bytes));
  demand_room(update, added, quota);
  only_once(update, token);
  const auto outcome = TRY(client_.write(update));
  if (outcome.done) return {};
  auto counter = outcome.refusals.empty() ? std::nullopt : outcome.refusals.front().item;
  if (!counter) counter = TRY(client_.get(options_.tables.ledger, update.key));
  if (knows(counter, token)) return {};  // a lost answer
  TRY(client_.write(withdrawal(record, options_.tables.images)));
  return quota_exceeded();
}

Result<RecordWriter::Settled> RecordWriter::replace(const ImageMetadata& before,
                                                    const ImageMetadata& after) {
  const auto consequences = consequences_of(&before, &after, options_.shards);
  std::vector<Write> writes;
  writes.emplace_back(
      change_if_revision(options_.tables.images, to_item(after, options_.shards), before.revision));
  add_consequences(writes, options_.tables, after.user_id, consequences);
  if (!fits(writes)) return change_in_steps(before, after, consequences, Aim::change);
  TRY(check_replaced(TRY(commit(writes)), before, &after));
  return Settled::now;
}

Result<RecordWriter::Settled> RecordWriter::remove(const ImageMetadata& before) {
  const auto consequences = consequences_of(&before, nullptr, options_.shards);
  std::vector<Write> writes;
  writes.emplace_back(delete_if_revision(options_.tables.images, before.image_id, before.revision));
  add_consequences(writes, options_.tables, before.user_id, consequences);
  if (!fits(writes)) return change_in_steps(before, before, consequences, Aim::removal);
  TRY(check_replaced(TRY(commit(writes)), before, nullptr));
  return Settled::now;
}

Result<RecordWriter::Settled> RecordWriter::change_in_steps(const ImageMetadata& before,
                                                            const ImageMetadata& after,
                                                            const Consequences& consequences,
                                                            Aim aim) {
  const std::string token = client_.new_token();
  StoredRecord record{after, to_item(after, options_.shards)};
  attach_note(record.item, note_of(consequences, token, aim), clock_.now(), after.image_id);
  const auto outcome =
      TRY(client_.write(change_if_revision(options_.tables.images, record.item, before.revision)));
  if (!outcome.done && !TRY(is_our_note(outcome, after.image_id, token)))
    return refusal(TRY(read(after.image_id)));
  return settle(record);
}

// A refused write may have been done by an earlier attempt of ours.
Result<bool> RecordWriter::is_our_note(const Outcome& outcome, const ImageId& id,
                                       const std::string& token) {
  if (!outcome.repeated) return false;
  const auto there = TRY(read(id));
  return there && there->note() && token_of(*there->note()) == token;
}

// `after` is what our write made of the record; null: nothing was to be left of it.
Result<void> RecordWriter::check_replaced(const Outcome& outcome, const ImageMetadata& before,
                                          const ImageMetadata* after) {
  if (outcome.done) return {};
  const auto there = TRY(read(before.image_id));
  if (outcome.repeated && (after ? there && there->image == *after : !there)) return {};
  return refusal(there);
}

// Nothing else follows from a lease, except when the janitor has to look.
Result<std::optional<ImageMetadata>> RecordWriter::take_lease(const ImageId& id, Timestamp now,
                                                              Timestamp until) {
  const std::string token = client_.new_token();
  const auto outcome =
      TRY(client_.write(lease_update(options_.tables.images, id, now, until, token)));
  if (outcome.done) {
    if (!outcome.after) return internal_error("DynamoDB did not return what it updated");
    return std::optional(TRY(to_image(*outcome.after)));
  }
  if (!outcome.repeated) return std::optional<ImageMetadata>();
  auto there = TRY(read(id));
  if (!there || text_of(there->item, "lease_token") != token) return std::optional<ImageMetadata>();
  return std::optional(std::move(there->image));  // taken by an attempt whose answer was lost
}

}  // namespace tintype::dynamodb
