#include "adapters/aws/unsettled_note.h"

#include "adapters/aws/image_item.h"

namespace tintype::dynamodb {
namespace {

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

// One note has one token, so that another one's, at the same revision, is not taken for it.
std::string is_claimed_so(Placeholders& placeholders, const StoredRecord& record) {
  const Item* note = record.note();
  return placeholders.name("unsettled") + "." + placeholders.name("token") + " = " +
         placeholders.value(note ? token_of(*note) : std::string()) + " AND " +
         placeholders.name("due_at") + " = " + placeholders.value(text_of(record.item, "due_at"));
}

}  // namespace

bool StoredRecord::is_going() const {
  const Item* standing = note();
  const bool* removing = standing ? find<bool>(*standing, "removing") : nullptr;
  return removing && *removing;
}

Item note_of(const Consequences& consequences, const std::string& token, Aim aim) {
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
          {"removing", aim == Aim::removal}};
}

void attach_note(Item& record, Item note, Timestamp now, const ImageId& id) {
  record["unsettled"] = std::move(note);
  record["due_shard"] = kUnsettled;
  record["due_at"] = listed_at({now, id});
}

std::string token_of(const Item& note) { return text_of(note, "token"); }

void count_by_token(Item& note) { note["by_token"] = true; }

bool is_counted_by_token(const Item& note) { return note.contains("by_token"); }

Result<Timestamp> claimed_at(const Item& record) {
  return TRY(parse_listed_at(text_of(record, "due_at"))).upload_timestamp;
}

std::vector<Write> rows_in(const Item& note, const TableNames& tables) {
  std::vector<Write> rows;
  for (auto& row : items_in(note, "put"))
    rows.emplace_back(Put{tables.tags, std::move(row), {}, {}});
  for (auto& key : items_in(note, "gone"))
    rows.emplace_back(Delete{tables.tags, std::move(key), {}, {}});
  return rows;
}

std::vector<Update> counters_in(const Item& note, const TableNames& tables,
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

Put claim(const StoredRecord& record, Item claimed, const std::string& table) {
  Put put{table, std::move(claimed), {}, {}};
  put.condition = is_claimed_so(put.placeholders, record);
  return put;
}

Delete withdrawal(const StoredRecord& record, const std::string& table) {
  Delete gone{table, image_key(record.image.image_id), {}, {}};
  gone.condition = is_claimed_so(gone.placeholders, record);
  return gone;
}

Write without_note(const StoredRecord& record, const std::string& table, std::uint32_t shards) {
  if (record.is_going()) return withdrawal(record, table);
  Put put{table, to_item(record.image, shards), {}, {}};
  put.condition = is_claimed_so(put.placeholders, record);
  return put;
}

}  // namespace tintype::dynamodb
