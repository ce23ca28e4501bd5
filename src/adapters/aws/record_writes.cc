#include "adapters/aws/record_writes.h"

#include "adapters/aws/image_item.h"

namespace tintype::dynamodb {
namespace {

std::string is_unchanged(Placeholders& placeholders, std::int64_t revision) {
  return placeholders.name("revision") + " = " + placeholders.value(revision) +
         " AND attribute_not_exists(" + placeholders.name("unsettled") + ")";
}

void demand_room(Update& update, std::string_view name, std::uint64_t added, std::uint64_t most) {
  if (most == 0) return;
  const std::string attribute = update.placeholders.name(name);
  if (!update.condition.empty()) update.condition += " AND ";
  update.condition += "(attribute_not_exists(" + attribute + ") OR " + attribute +
                      " <= " + update.placeholders.value(most - added) + ")";
}

}  // namespace

Put put_if_new(const std::string& table, Item record) {
  Put put{table, std::move(record), {}, {}};
  put.condition = "attribute_not_exists(" + put.placeholders.name("image_id") + ")";
  return put;
}

Put change_if_revision(const std::string& table, Item record, std::int64_t revision) {
  Put put{table, std::move(record), {}, {}};
  put.condition = is_unchanged(put.placeholders, revision);
  return put;
}

Delete delete_if_revision(const std::string& table, const ImageId& id, std::int64_t revision) {
  Delete gone{table, image_key(id), {}, {}};
  gone.condition = is_unchanged(gone.placeholders, revision);
  return gone;
}

Update add_to(std::string table, Item key,
              const std::vector<std::pair<std::string_view, std::int64_t>>& members) {
  Update update{std::move(table), std::move(key), {}, {}, {}};
  for (const auto& [name, number] : members) {
    update.update += update.update.empty() ? "ADD " : ", ";
    update.update += update.placeholders.name(name) + " " + update.placeholders.value(number);
  }
  return update;
}

Item usage_key(std::string_view user_id) { return {{"key", "usage#" + std::string(user_id)}}; }

Update usage_update(const TableNames& tables, std::string_view user_id, std::int64_t images,
                    std::int64_t bytes) {
  return add_to(tables.ledger, usage_key(user_id), {{"images", images}, {"bytes", bytes}});
}

bool fits_at_all(const Usage& added, const Quota& quota) {
  return (quota.max_images == 0 || added.images <= quota.max_images) &&
         (quota.max_bytes == 0 || added.bytes <= quota.max_bytes);
}

void demand_room(Update& usage, const Usage& added, const Quota& quota) {
  demand_room(usage, "images", added.images, quota.max_images);
  demand_room(usage, "bytes", added.bytes, quota.max_bytes);
}

void only_once(Update& counter, const std::string& token) {
  const std::string tokens = counter.placeholders.name("tokens");
  counter.update += ", " + tokens + " " + counter.placeholders.value(StringSet{token});
  const std::string unknown =
      "NOT contains(" + tokens + ", " + counter.placeholders.value(token) + ")";
  counter.condition = counter.condition.empty() ? unknown : unknown + " AND " + counter.condition;
}

Update forget_token(const Update& counter, const std::string& token) {
  Update update{counter.table, counter.key, {}, {}, {}};
  update.update = "DELETE " + update.placeholders.name("tokens") + " " +
                  update.placeholders.value(StringSet{token});
  return update;
}

bool knows(const std::optional<Item>& counter, const std::string& token) {
  const auto* tokens = counter ? find<StringSet>(*counter, "tokens") : nullptr;
  return tokens && tokens->contains(token);
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

}  // namespace tintype::dynamodb
