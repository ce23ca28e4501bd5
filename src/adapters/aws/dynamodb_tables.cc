#include "adapters/aws/dynamodb_tables.h"

#include <thread>

#include "adapters/aws/dynamodb_table_features.h"
#include "adapters/aws/dynamodb_table_shape.h"

namespace tintype::dynamodb {
namespace {

constexpr milliseconds kPollInterval{250};

std::string table_body(std::string_view name) {
  std::string body;
  JsonWriter(body).begin_object().key("TableName").string(name).end_object();
  return body;
}

std::string line_of(const TableShape& table) { return "table " + table.name + ": "; }

std::string line_of(const TableShape& table, std::string_view index) {
  return line_of(table) + "index " + std::string(index) + ": ";
}

// DynamoDB refuses as wrong what it cannot have as a name.
Error error_of(const HttpResponse& response, const TableShape& table) {
  Error error = to_error(response, table.name);
  if (!error.detail.ends_with('.')) error.detail += '.';
  if (parse_failure(response.body).name == "ValidationException")
    error.detail += " Check dynamodb.table_prefix.";
  return error;
}

// The table's description, or nothing when there is no such table.
Result<std::optional<TableDescription>> describe(Client& client, const TableShape& table) {
  const auto response = TRY(client.raw("DescribeTable", table_body(table.name)));
  if (response.status == 200) return std::optional(TRY(parse_table(response.body, "Table")));
  if (parse_failure(response.body).name == "ResourceNotFoundException")
    return std::optional<TableDescription>();
  return error_of(response, table);
}

// Then it may be described without its keys and indexes.
bool is_being_deleted(const TableDescription& table) { return table.status == "DELETING"; }

bool is_active(const TableDescription& table) {
  return table.status == "ACTIVE" || table.status == "UPDATING";
}

Error not_ready(const TableShape& table, const std::string& what) {
  return {ErrorKind::unavailable,
          "aws_table_not_ready",
          "DynamoDB table " + table.name + " is not ready yet: " + what +
              ". `tintype aws init` waits for it.",
          {}};
}

std::string state_of(const IndexDescription& index) { return "is " + index.status; }

// Waits until the table and those of our indexes that it has can be read.
Result<TableDescription> wait_until_ready(const TableWork& work) {
  const TableShape& table = work.table;
  std::string told;
  while (true) {
    auto description = TRY(describe(work.client, table));
    const auto* index = description ? unready_index(table, *description) : nullptr;
    if (description && is_active(*description) && !index) return std::move(*description);
    if (index && told != index->name) {
      work.log.found(line_of(table, index->name) + state_of(*index));
      told = index->name;
    }
    if (has_passed(work.deadline))
      return not_ready(table, index         ? "its index " + index->name + " " + state_of(*index)
                              : description ? "it is " + description->status
                                            : "it is still being made");
    std::this_thread::sleep_for(kPollInterval);
  }
}

Result<void> wait_until_gone(Client& client, const TableShape& table, Deadline deadline) {
  while (TRY(describe(client, table))) {
    if (has_passed(deadline))
      return unavailable_error("DynamoDB table " + table.name + " is still being deleted.");
    std::this_thread::sleep_for(kPollInterval);
  }
  return {};
}

Result<void> make_table(const TableWork& work) {
  const auto made = TRY(work.client.raw("CreateTable", create_table_body(work.table)));
  const bool by_another = parse_failure(made.body).name == "ResourceInUseException";
  if (made.status != 200 && !by_another) return error_of(made, work.table);
  if (by_another) work.log.found(line_of(work.table) + "is there");
  else work.log.changed(line_of(work.table) + "made");
  return {};
}

// Not added, though asked for: by a server that cannot, or may not.
Error not_added(const TableShape& table, const IndexShape& index, const HttpResponse& response) {
  const Failure failure = parse_failure(response.body);
  if (response.status != 200 && failure.name != "ValidationException" &&
      !is_unknown_to_server(response))
    return error_of(response, table);
  const std::string words = failure.message.empty() ? "" : " (" + failure.message + ")";
  return lacks_index(table, index,
                     "This server does not add it" + words +
                         ". Add it by hand, or choose another dynamodb.table_prefix.");
}

// DynamoDB adds one index at a time.
Result<TableDescription> add_index(const TableWork& work, const IndexShape& index,
                                   const TableDescription& before) {
  const std::string body = add_index_body(work.table, index, before);
  const auto response = TRY(ask_when_ready(work.client, "UpdateTable", body, work.deadline));
  const bool is_done = response.status == 200;
  // dynalite says yes, does nothing, and shows it in the answer. After a refusal the index may be
  // there all the same: another run of this was quicker.
  const auto now = is_done ? std::optional(TRY(parse_table(response.body, "TableDescription")))
                           : TRY(describe(work.client, work.table));
  if (!now || !now->index(index.name)) return not_added(work.table, index, response);
  if (is_done) work.log.changed(line_of(work.table, index.name) + "added");
  return wait_until_ready(work);
}

Result<void> add_missing_indexes(const TableWork& work, TableDescription description) {
  for (const auto& index : missing_indexes(work.table, description)) {
    if (!is_surely_ours(work.table, description))
      return lacks_index(work.table, index, kOtherTable);
    if (work.dry_run) work.log.changed(line_of(work.table, index.name) + "would be added");
    else description = TRY(add_index(work, index, description));
  }
  return {};
}

// What deserves a word, and is no difference that matters.
void remark(const TableWork& work, const TableDescription& description) {
  for (const auto& index : work.table.indexes) {
    const auto* found = description.index(index.name);
    if (found && !index.whole && found->projection == "ALL")
      work.log.found(line_of(work.table, index.name) + "holds ALL where " +
                     std::string(projection_of(index)) + " would do");
  }
}

Result<void> verify(const TableWork& work, TableDescription description) {
  TRY(check_shape(work.table, description));
  if (!work.dry_run) {
    description = TRY(wait_until_ready(work));
    TRY(check_shape(work.table, description));
  } else if (const auto* index = unready_index(work.table, description)) {
    work.log.found(line_of(work.table, index->name) + state_of(*index));
  }
  remark(work, description);
  return add_missing_indexes(work, std::move(description));
}

// The table, unless it is about to go.
Result<std::optional<TableDescription>> lasting(const TableWork& work) {
  auto there = TRY(describe(work.client, work.table));
  if (!there || !is_being_deleted(*there)) return there;
  work.log.found(line_of(work.table) + "is being deleted");
  if (!work.dry_run) TRY(wait_until_gone(work.client, work.table, work.deadline));
  return std::optional<TableDescription>();
}

Result<void> provision(const TableWork& work) {
  auto there = TRY(lasting(work));
  if (there) {
    TRY(check_shape(work.table, *there));
    work.log.found(line_of(work.table) + "is there");
  } else if (work.dry_run) {
    work.log.changed(line_of(work.table) + "would be made");
  } else {
    TRY(make_table(work));
    ProvisionLog silent;  // the indexes of a new table are being made too
    there = TRY(wait_until_ready({work.client, work.table, silent, false, work.deadline}));
  }
  if (there) TRY(verify(work, std::move(*there)));
  return turn_on_features(work);
}

// As it should be, as far as one look tells; `advice` is for an index that is missing.
Result<void> check_whole(const TableShape& table, const TableDescription& description,
                         std::string_view advice) {
  TRY(check_shape(table, description));
  const auto missing = missing_indexes(table, description);
  if (missing.empty()) return {};
  return lacks_index(table, missing.front(), advice);
}

Result<void> check_table(Client& client, const TableShape& table) {
  const auto description = TRY(describe(client, table));
  if (!description)
    return Error{ErrorKind::unavailable,
                 "aws_table_missing",
                 "DynamoDB table " + table.name +
                     " does not exist in this region: `tintype aws init` makes it.",
                 {}};
  if (is_being_deleted(*description)) return not_ready(table, "it is DELETING");
  TRY(check_whole(
      table, *description,
      is_surely_ours(table, *description) ? "`tintype aws init` adds it." : kOtherTable));
  if (const auto* index = unready_index(table, *description))
    return not_ready(table, "its index " + index->name + " " + state_of(*index));
  return {};
}

// DynamoDB deletes no table that is being made or changed.
Result<void> check_still(const TableShape& table, const TableDescription& description) {
  if (description.status.empty() || description.status == "ACTIVE") return {};
  return Error{ErrorKind::unavailable,
               "aws_table_not_ready",
               "DynamoDB table " + table.name + " is " + description.status +
                   ": try again when it is ACTIVE. Nothing was deleted.",
               {}};
}

}  // namespace

TableNames TableNames::with_prefix(std::string_view prefix) {
  const std::string start(prefix);
  return {start + "images", start + "image_tags", start + "image_ledger"};
}

Result<void> provision_tables(Client& client, const TableNames& names,
                              const ProvisionOptions& options, ProvisionLog& log) {
  for (const auto& table : table_shapes(names))
    TRY(provision({client, table, log, options.dry_run, deadline_in(options.patience)}));
  return {};
}

Result<void> check_deletable(Client& client, const TableNames& names) {
  for (const auto& table : table_shapes(names)) {
    const auto description = TRY(describe(client, table));
    if (!description || is_being_deleted(*description)) continue;
    TRY(check_whole(table, *description, "Nothing was deleted."));
    TRY(check_still(table, *description));
    if (description->is_protected)
      return Error{ErrorKind::unavailable,
                   "aws_table_protected",
                   "DynamoDB table " + table.name +
                       " has deletion protection: turn it off first. Nothing was deleted.",
                   {}};
  }
  return {};
}

Result<void> delete_tables(Client& client, const TableNames& names, const ProvisionOptions& options,
                           ProvisionLog& log) {
  TRY(check_deletable(client, names));
  for (const auto& table : table_shapes(names)) {
    const auto there = TRY(describe(client, table));
    if (!there) {
      log.found(line_of(table) + "is not there");
      continue;
    }
    if (!options.dry_run) {
      if (!is_being_deleted(*there))
        TRY(client.call("DeleteTable", table_body(table.name), table.name));
      TRY(wait_until_gone(client, table, deadline_in(options.patience)));
    }
    log.changed(line_of(table) + (options.dry_run ? "would be deleted" : "deleted"));
  }
  return {};
}

Result<void> check_tables(Client& client, const TableNames& names) {
  for (const auto& table : table_shapes(names)) TRY(check_table(client, table));
  return {};
}

}  // namespace tintype::dynamodb
