#include "adapters/aws/record_writer.h"

#include <algorithm>
#include <thread>

#include "adapters/aws/image_item.h"

namespace tintype::dynamodb {
namespace {

// A note belongs to its maker, or to who has claimed it, for this long.
constexpr seconds kNoteLease{60};
// Others wait for it to go.
constexpr milliseconds kNotePatience{5000};
constexpr milliseconds kNoteLook{20};

Error already_exists() {
  return {ErrorKind::conflict, "already_exists", "An image with this id exists.", {}};
}
Error quota_exceeded() {
  return {ErrorKind::unprocessable, "quota_exceeded", "The user's quota is used up.", {}};
}

Item usage_key(std::string_view user_id) { return {{"key", "usage#" + std::string(user_id)}}; }

std::string revision_is(Placeholders& placeholders, std::int64_t revision) {
  return placeholders.name("revision") + " = " + placeholders.value(revision);
}

// For changes: whoever makes one must not lose another one's note.
std::string has_no_note(Placeholders& placeholders) {
  return " AND attribute_not_exists(" + placeholders.name("unsettled") + ")";
}

Put put_if_new(const std::string& table, Item item) {
  Put put{table, std::move(item), {}, {}};
  put.condition = "attribute_not_exists(" + put.placeholders.name("image_id") + ")";
  return put;
}

Put put_if_revision(const std::string& table, Item item, std::int64_t revision) {
  Put put{table, std::move(item), {}, {}};
  put.condition = revision_is(put.placeholders, revision);
  return put;
}

Put change_if_revision(const std::string& table, Item item, std::int64_t revision) {
  Put put = put_if_revision(table, std::move(item), revision);
  put.condition += has_no_note(put.placeholders);
  return put;
}

Delete delete_if_revision(const std::string& table, const ImageId& id, std::int64_t revision) {
  Delete gone{table, image_key(id), {}, {}};
  gone.condition = revision_is(gone.placeholders, revision);
  return gone;
}

// Adds to the members of a counter.
Update add_to(std::string table, Item key,
              const std::vector<std::pair<std::string_view, std::int64_t>>& members) {
  Update update{std::move(table), std::move(key), {}, {}, {}};
  for (const auto& [name, number] : members) {
    update.update += update.update.empty() ? "ADD " : ", ";
    update.update += update.placeholders.name(name) + " " + update.placeholders.value(number);
  }
  return update;
}

Update usage_update(const TableNames& tables, std::string_view user_id, std::int64_t images,
                    std::int64_t bytes) {
  return add_to(tables.ledger, usage_key(user_id), {{"images", images}, {"bytes", bytes}});
}

// There must be room for what is added.
void demand_room(Update& update, std::string_view name, std::uint64_t added, std::uint64_t most) {
  if (most == 0) return;
  const std::string attribute = update.placeholders.name(name);
  if (!update.condition.empty()) update.condition += " AND ";
  update.condition += "(attribute_not_exists(" + attribute + ") OR " + attribute +
                      " <= " + update.placeholders.value(most - added) + ")";
}

bool fits_at_all(const Usage& added, const Quota& quota) {
  return (quota.max_images == 0 || added.images <= quota.max_images) &&
         (quota.max_bytes == 0 || added.bytes <= quota.max_bytes);
}

void demand_room(Update& update, const Usage& added, const Quota& quota) {
  demand_room(update, "images", added.images, quota.max_images);
  demand_room(update, "bytes", added.bytes, quota.max_bytes);
}

// A counter takes the change of a token once.
void only_once(Update& update, const std::string& token) {
  const std::string tokens = update.placeholders.name("tokens");
  update.update += ", " + tokens + " " + update.placeholders.value(StringSet{token});
  const std::string known =
      "NOT contains(" + tokens + ", " + update.placeholders.value(token) + ")";
  update.condition = update.condition.empty() ? known : known + " AND " + update.condition;
}

bool knows(const std::optional<Item>& counter, const std::string& token) {
  const auto* tokens = counter ? find<StringSet>(*counter, "tokens") : nullptr;
  return tokens && tokens->contains(token);
}

std::string token_of(const ImageMetadata& image) {
  return image.image_id.to_string() + "#" + std::to_string(image.revision);
}

void add_consequences(std::vector<Write>& writes, const TableNames& tables,
                      std::string_view user_id, const Consequences& consequences) {
  if (consequences.touches_usage())
    writes.emplace_back(usage_update(tables, user_id, consequences.images, consequences.bytes));
  for (const auto& row : consequences.put) writes.emplace_back(Put{tables.tags, row, {}, {}});
  for (const auto& key : consequences.gone)
    writes.emplace_back(Delete{tables.tags, key.item(), {}, {}});
  for (const auto& [key, number] : consequences.counts)
    writes.emplace_back(add_to(tables.tags, key.item(), {{"images", number}}));
}

// What is still to be done, as it stands on the record.
Item note_of(const Consequences& consequences, const std::string& token, bool removing) {
  List put, gone, counts;
  for (const auto& row : consequences.put) put.emplace_back(row);
  for (const auto& key : consequences.gone) gone.emplace_back(key.item());
  for (const auto& [key, number] : consequences.counts) {
    Item count = key.item();
    count.emplace("images", number);
    counts.emplace_back(std::move(count));
  }
  return {{"token", token},
          {"put", std::move(put)},
          {"gone", std::move(gone)},
          {"counts", std::move(counts)},
          {"images", consequences.images},
          {"bytes", consequences.bytes},
          {"removing", removing}};
}

void attach_note(Item& item, Item note, Timestamp now, const ImageId& id) {
  item["unsettled"] = std::move(note);
  item["due_shard"] = kUnsettled;
  item["due_at"] = listed_at({now, id});
}

std::vector<Item> items_in(const Item& note, std::string_view name) {
  std::vector<Item> items;
  if (const auto* list = find<List>(note, name))
    for (const auto& value : *list)
      if (const auto* item = value.as<Item>()) items.push_back(*item);
  return items;
}

Item row_key(const Item& item) {
  return {{"list", text_of(item, "list")}, {"listed_at", text_of(item, "listed_at")}};
}

// The counters that a note adds to.
std::vector<Update> counters_of(const Item& note, const TableNames& tables,
                                std::string_view user_id) {
  std::vector<Update> updates;
  const auto images = number_of(note, "images").value_or(0);
  const auto bytes = number_of(note, "bytes").value_or(0);
  if (images != 0 || bytes != 0) updates.push_back(usage_update(tables, user_id, images, bytes));
  for (const auto& count : items_in(note, "counts"))
    updates.push_back(
        add_to(tables.tags, row_key(count), {{"images", number_of(count, "images").value_or(0)}}));
  return updates;
}

Update forget_token(const Update& counter, const std::string& token) {
  Update update{counter.table, counter.key, {}, {}, {}};
  update.update = "DELETE " + update.placeholders.name("tokens") + " " +
                  update.placeholders.value(StringSet{token});
  return update;
}

}  // namespace

RecordWriter::RecordWriter(Client& client, const Clock& clock, RecordOptions options)
    : client_(client), clock_(clock), options_(std::move(options)) {}

bool RecordWriter::fits(const std::vector<Write>& writes) const {
  return writes.size() == 1 || (options_.transactions && writes.size() <= kMostInTransaction);
}

Result<Outcome> RecordWriter::commit(const std::vector<Write>& writes) {
  return writes.size() == 1 ? client_.write(writes.front()) : client_.transact(writes);
}

Result<std::optional<StoredRecord>> RecordWriter::read(const ImageId& id) {
  auto item = TRY(client_.get(options_.tables.images, image_key(id)));
  if (!item) return std::optional<StoredRecord>();
  auto image = TRY(to_image(*item));
  const bool unsettled = item->contains("unsettled");
  return std::optional(StoredRecord{std::move(image), unsettled, std::move(*item)});
}

Result<void> RecordWriter::insert(const ImageMetadata& image, const Quota& quota) {
  const Usage added = usage_of(image);
  if (!fits_at_all(added, quota)) return quota_exceeded();
  const auto consequences = consequences_of(nullptr, &image, options_.shards);
  std::vector<Write> writes;
  writes.emplace_back(put_if_new(options_.tables.images, to_item(image, options_.shards)));
  add_consequences(writes, options_.tables, image.user_id, consequences);
  if (consequences.touches_usage()) demand_room(std::get<Update>(writes[1]), added, quota);
  if (fits(writes)) return insert_at_once(image, quota, writes);
  return insert_in_steps(image, quota, consequences);
}

Result<void> RecordWriter::insert_at_once(const ImageMetadata& image, const Quota&,
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

// First the room, then the record: what is left behind in between is only room.
Result<void> RecordWriter::insert_in_steps(const ImageMetadata& image, const Quota& quota,
                                           const Consequences& consequences) {
  const std::string token = token_of(image);
  if (consequences.touches_usage()) TRY(reserve(image, quota, token));
  Consequences rest = consequences;
  rest.images = rest.bytes = 0;
  Item item = to_item(image, options_.shards);
  Item note;
  if (!rest.none()) {
    note = note_of(rest, token, false);
    attach_note(item, note, clock_.now(), image.image_id);
  }
  const std::vector<Write> write{put_if_new(options_.tables.images, std::move(item))};
  auto inserted = insert_at_once(image, quota, write);
  const auto room =
      usage_update(options_.tables, image.user_id, -consequences.images, -consequences.bytes);
  if (!inserted.ok()) {
    if (inserted.error().is(ErrorKind::conflict) && consequences.touches_usage())
      TRY(client_.write(room));
  } else if (!note.empty()) {
    const auto record = TRY(read(image.image_id));
    if (record) TRY(settle(*record, Maker::us));
  }
  if (consequences.touches_usage()) TRY(client_.write(forget_token(room, token)));
  return inserted;
}

Result<void> RecordWriter::reserve(const ImageMetadata& image, const Quota& quota,
                                   const std::string& token) {
  const Usage added = usage_of(image);
  Update update =
      usage_update(options_.tables, image.user_id, static_cast<std::int64_t>(added.images),
                   static_cast<std::int64_t>(added.bytes));
  demand_room(update, added, quota);
  only_once(update, token);
  const auto outcome = TRY(client_.write(update));
  if (outcome.done) return {};
  auto counter = outcome.refusals.empty() ? std::nullopt : outcome.refusals.front().item;
  if (!counter) counter = TRY(client_.get(options_.tables.ledger, usage_key(image.user_id)));
  return knows(counter, token) && outcome.repeated ? Result<void>() : quota_exceeded();
}

Result<void> RecordWriter::replace(const ImageMetadata& before, const ImageMetadata& after) {
  const auto consequences = consequences_of(&before, &after, options_.shards);
  const auto& images = options_.tables.images;
  Item item = to_item(after, options_.shards);
  std::vector<Write> writes;
  writes.emplace_back(change_if_revision(images, item, before.revision));
  add_consequences(writes, options_.tables, after.user_id, consequences);
  if (fits(writes)) return check_replaced(TRY(commit(writes)), before, &after);
  attach_note(item, note_of(consequences, token_of(after), false), clock_.now(), after.image_id);
  const auto written = TRY(client_.write(change_if_revision(images, item, before.revision)));
  TRY(check_replaced(written, before, &after));
  return settle({after, true, std::move(item)}, Maker::us);
}

// Nothing else follows from a lease, except when the janitor has to look.
Result<RecordWriter::Lease> RecordWriter::take_lease(const ImageId& id, Timestamp now,
                                                    Timestamp until) {
  Update update{options_.tables.images, image_key(id), {}, {}, {}};
  auto& p = update.placeholders;
  const std::string lease = p.name("lease_until"), revision = p.name("revision");
  update.update = "SET " + lease + " = " + p.value(format_rfc3339(until)) + ", " + revision +
                  " = " + revision + " + " + p.value(1) + ", " + p.name("due_shard") + " = " +
                  p.value(due_shard(shard_of(id, kDueShards))) + ", " + p.name("due_at") + " = " +
                  p.value(listed_at({until, id}));
  update.condition = p.name("status") + " = " +
                     p.value(Value(status_name(ImageStatus::processing))) +
                     " AND (attribute_not_exists(" + lease + ") OR " + lease +
                     " <= " + p.value(format_rfc3339(now)) + ")" + has_no_note(p);
  update.return_new = true;
  const auto outcome = TRY(client_.write(update));
  if (!outcome.done) return Lease{std::nullopt, outcome.repeated};
  if (!outcome.after) return internal_error("DynamoDB did not return what it updated");
  return Lease{TRY(to_image(*outcome.after)), false};
}

Result<void> RecordWriter::remove(const ImageMetadata& before) {
  const auto consequences = consequences_of(&before, nullptr, options_.shards);
  const auto& images = options_.tables.images;
  std::vector<Write> writes;
  Delete gone = delete_if_revision(images, before.image_id, before.revision);
  gone.condition += has_no_note(gone.placeholders);
  writes.emplace_back(std::move(gone));
  add_consequences(writes, options_.tables, before.user_id, consequences);
  if (fits(writes)) return check_replaced(TRY(commit(writes)), before, nullptr);
  Item item = to_item(before, options_.shards);
  attach_note(item, note_of(consequences, token_of(before) + "x", true), clock_.now(),
              before.image_id);
  const auto written = TRY(client_.write(change_if_revision(images, item, before.revision)));
  TRY(check_replaced(written, before, &before));
  return settle({before, true, std::move(item)}, Maker::us);
}

// `after` is what our write made of the record; null: nothing was to be left of it.
Result<void> RecordWriter::check_replaced(const Outcome& outcome, const ImageMetadata& before,
                                          const ImageMetadata* after) {
  if (outcome.done) return {};
  const auto there = TRY(read(before.image_id));
  if (outcome.repeated && (after ? there && there->image == *after : !there)) return {};
  if (!there) return not_found_error("There is no such image.");
  return stale_error();
}

Result<void> RecordWriter::count_once(const Update& update) {
  TRY(client_.write(update));  // refused: it knows the token already
  return {};
}

Result<void> RecordWriter::apply(const Item& note) {
  std::vector<Write> rows;
  for (auto& row : items_in(note, "put"))
    rows.emplace_back(Put{options_.tables.tags, std::move(row), {}, {}});
  for (auto& key : items_in(note, "gone"))
    rows.emplace_back(Delete{options_.tables.tags, std::move(key), {}, {}});
  return client_.batch_write(rows);
}

Result<void> RecordWriter::settle(const StoredRecord& record, Maker maker) {
  const auto* note = find<Item>(record.item, "unsettled");
  if (!note) return {};
  TRY(apply(*note));
  const std::string token = text_of(*note, "token");
  const auto counters = counters_of(*note, options_.tables, record.image.user_id);
  for (Update counter : counters) {
    only_once(counter, token);
    TRY(count_once(counter));
  }
  const bool* removing = find<bool>(*note, "removing");
  const auto& images = options_.tables.images;
  const ImageMetadata& image = record.image;
  if (removing && *removing) {
    TRY(client_.write(delete_if_revision(images, image.image_id, image.revision)));
  } else {
    // Refused: somebody else has finished it.
    TRY(client_.write(put_if_revision(images, to_item(image, options_.shards), image.revision)));
  }
  if (maker == Maker::us)
    for (const Update& counter : counters) TRY(client_.write(forget_token(counter, token)));
  return {};
}

bool RecordWriter::is_abandoned(const StoredRecord& record) const {
  const auto made = parse_listed_at(text_of(record.item, "due_at"));
  return !made.ok() || made->upload_timestamp + kNoteLease <= clock_.now();
}

Result<bool> RecordWriter::claim(StoredRecord& record) {
  Item claimed = record.item;
  claimed["due_at"] = listed_at({clock_.now(), record.image.image_id});
  Put put = put_if_revision(options_.tables.images, claimed, record.image.revision);
  put.condition += " AND " + put.placeholders.name("due_at") + " = " +
                   put.placeholders.value(text_of(record.item, "due_at"));
  if (!TRY(client_.write(put)).done) return false;
  record.item = std::move(claimed);
  return true;
}

Result<std::optional<StoredRecord>> RecordWriter::read_settled(const ImageId& id) {
  const Deadline deadline = deadline_in(kNotePatience);
  while (true) {
    auto record = TRY(read(id));
    if (!record || !record->unsettled) return record;
    if (is_abandoned(*record)) {
      if (TRY(claim(*record))) TRY(settle(*record, Maker::somebody_else));
    } else if (has_passed(deadline)) {
      return unavailable_error("The image is being changed; try again.");
    } else {
      std::this_thread::sleep_for(kNoteLook);
    }
  }
}

Result<void> RecordWriter::settle_old(std::size_t limit) {
  const Timestamp before = clock_.now() - kNoteLease;
  Query query{.table = options_.tables.images, .index = std::string(kDueIndex)};
  query.key_condition = query.placeholders.name("due_shard") + " = " +
                        query.placeholders.value(Value(kUnsettled)) + " AND " +
                        query.placeholders.name("due_at") + " < " +
                        query.placeholders.value(Value(format_rfc3339(before)));
  query.limit = limit;
  for (const auto& item : TRY(client_.query(query)).items) {
    const auto id = TRY(ImageId::parse(text_of(item, "image_id")));
    TRY(read_settled(id));
  }
  return {};
}

}  // namespace tintype::dynamodb
