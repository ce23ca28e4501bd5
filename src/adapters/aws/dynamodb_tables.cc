#include "adapters/aws/dynamodb_tables.h"

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <thread>

#include "adapters/aws/dynamodb_json.h"

namespace tintype::dynamodb {
namespace json = boost::json;
namespace {

constexpr milliseconds kPollInterval{250};

struct IndexShape {
  std::string_view name;
  std::string_view partition;
  std::string_view sort;
  bool whole = true;  // all attributes, or keys alone
};
struct TableShape {
  std::string name;
  std::string_view partition;
  std::string_view sort;  // empty: none
  std::vector<IndexShape> indexes;
  std::string_view ttl;  // empty: none
};

std::vector<TableShape> shapes(const TableNames& names) {
  return {{names.images,
           "image_id",
           "",
           {{kUserIndex, "user_status", "listed_at"},
            {kStatusIndex, "status_shard", "listed_at"},
            {kDueIndex, "due_shard", "due_at"}},
           ""},
          {names.tags, "list", "listed_at", {{kTagIndex, "tag_shard", "listed_at"}}, ""},
          {names.ledger, "key", "", {{kExpiryIndex, "expiry_shard", "expires_at", false}}, "ttl"}};
}

void write_keys(JsonWriter& out, std::string_view partition, std::string_view sort) {
  out.key("KeySchema").begin_array();
  out.begin_object().key("AttributeName").string(partition).key("KeyType").string("HASH");
  out.end_object();
  if (!sort.empty())
    out.begin_object()
        .key("AttributeName")
        .string(sort)
        .key("KeyType")
        .string("RANGE")
        .end_object();
  out.end_array();
}

void write_attributes(JsonWriter& out, const TableShape& table) {
  std::set<std::string_view> attributes{table.partition};
  if (!table.sort.empty()) attributes.insert(table.sort);
  for (const auto& index : table.indexes) attributes.insert({index.partition, index.sort});
  out.key("AttributeDefinitions").begin_array();
  for (auto name : attributes)
    out.begin_object()
        .key("AttributeName")
        .string(name)
        .key("AttributeType")
        .string("S")
        .end_object();
  out.end_array();
}

std::string create_body(const TableShape& table) {
  std::string body;
  JsonWriter out(body);
  out.begin_object().key("TableName").string(table.name);
  out.key("BillingMode").string("PAY_PER_REQUEST");
  write_attributes(out, table);
  write_keys(out, table.partition, table.sort);
  out.key("GlobalSecondaryIndexes").begin_array();
  for (const auto& index : table.indexes) {
    out.begin_object().key("IndexName").string(index.name);
    write_keys(out, index.partition, index.sort);
    out.key("Projection").begin_object().key("ProjectionType");
    out.string(index.whole ? "ALL" : "KEYS_ONLY").end_object().end_object();
  }
  out.end_array().end_object();
  return body;
}

std::string table_body(std::string_view name) {
  std::string body;
  JsonWriter(body).begin_object().key("TableName").string(name).end_object();
  return body;
}

std::string text_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

// `image_id` or `list, listed_at`.
std::string keys_of(const json::object& description) {
  std::string partition, sort;
  const auto* schema = description.if_contains("KeySchema");
  if (!schema || !schema->is_array()) return {};
  for (const auto& element : schema->get_array())
    if (element.is_object())
      (text_at(element.get_object(), "KeyType") == "HASH" ? partition : sort) =
          text_at(element.get_object(), "AttributeName");
  return sort.empty() ? partition : partition + ", " + sort;
}

std::string wanted_keys(std::string_view partition, std::string_view sort) {
  return std::string(partition) + (sort.empty() ? "" : ", ") + std::string(sort);
}

// The table's description, or nothing when there is no such table.
Result<std::optional<json::object>> describe(Client& client, const std::string& name) {
  const auto response = TRY(client.raw("DescribeTable", table_body(name)));
  if (response.status != 200) {
    if (parse_failure(response.body).name == "ResourceNotFoundException")
      return std::optional<json::object>();
    return to_error(response, name);
  }
  auto object = TRY(read_object(response.body));
  const auto* table = object.if_contains("Table");
  if (!table || !table->is_object()) return internal_error("DynamoDB described no table");
  return std::optional(table->get_object());
}

Error differs(const TableShape& table, const std::string& what) {
  return {ErrorKind::unavailable,
          "aws_table_differs",
          "DynamoDB table " + table.name + " is not Tintype's: " + what +
              ". Choose another dynamodb.table_prefix, or delete the table.",
          {}};
}

Result<void> check_shape(const TableShape& table, const json::object& description) {
  const std::string keys = wanted_keys(table.partition, table.sort);
  if (keys_of(description) != keys)
    return differs(table, "its key is (" + keys_of(description) + ") instead of (" + keys + ")");
  std::map<std::string, std::string> found;
  const auto* indexes = description.if_contains("GlobalSecondaryIndexes");
  if (indexes && indexes->is_array())
    for (const auto& index : indexes->get_array())
      if (index.is_object())
        found[text_at(index.get_object(), "IndexName")] = keys_of(index.get_object());
  for (const auto& index : table.indexes)
    if (found[std::string(index.name)] != wanted_keys(index.partition, index.sort))
      return differs(table, "it lacks the index " + std::string(index.name) + " on (" +
                                wanted_keys(index.partition, index.sort) + ")");
  return {};
}

bool is_active(const json::object& description) {
  const std::string status = text_at(description, "TableStatus");
  return status == "ACTIVE" || status == "UPDATING";
}

Result<void> wait_until(Client& client, const std::string& name, bool there, Deadline deadline) {
  while (true) {
    const auto description = TRY(describe(client, name));
    if (there ? description && is_active(*description) : !description) return {};
    if (has_passed(deadline))
      return unavailable_error("DynamoDB table " + name + " is still being " +
                               (there ? "made." : "deleted."));
    std::this_thread::sleep_for(kPollInterval);
  }
}

// A table that has just been made is not at once ready for everything.
Result<HttpResponse> once_ready(Client& client, std::string_view operation, const std::string& body,
                                Deadline deadline) {
  while (true) {
    auto response = TRY(client.raw(operation, body));
    const std::string name = response.status == 200 ? "" : parse_failure(response.body).name;
    const bool is_early =
        name == "ContinuousBackupsUnavailableException" || name == "ResourceInUseException";
    if (!is_early || has_passed(deadline)) return response;
    std::this_thread::sleep_for(kPollInterval);
  }
}

// Servers other than DynamoDB may know neither; what they lack is said, and is no failure.
Result<void> turn_on(Client& client, Provisioned& done, const TableShape& table,
                     std::string_view operation, const std::string& body, std::string_view what,
                     Deadline deadline) {
  const auto response = TRY(once_ready(client, operation, body, deadline));
  const Failure failure = response.status == 200 ? Failure() : parse_failure(response.body);
  const std::string line = "table " + table.name + ": " + std::string(what);
  if (response.status == 200) {
    done.lines.push_back(line + " on");
    done.changed = true;
  } else if (failure.name == "ValidationException" &&
             failure.message.find("already") != std::string::npos) {
    done.lines.push_back(line + " is on");
  } else if (failure.name == "UnknownOperationException" || failure.name.empty() ||
             failure.name == "ValidationException") {
    done.lines.push_back(line + " is not known to this server");
  } else {
    return to_error(response, table.name);
  }
  return {};
}

std::string ttl_body(const TableShape& table) {
  std::string body;
  JsonWriter out(body);
  out.begin_object().key("TableName").string(table.name).key("TimeToLiveSpecification");
  out.begin_object().key("Enabled").boolean(true).key("AttributeName").string(table.ttl);
  out.end_object().end_object();
  return body;
}

std::string recovery_body(const TableShape& table) {
  std::string body;
  JsonWriter out(body);
  out.begin_object().key("TableName").string(table.name).key("PointInTimeRecoverySpecification");
  out.begin_object().key("PointInTimeRecoveryEnabled").boolean(true).end_object().end_object();
  return body;
}

Result<bool> is_on(Client& client, const TableShape& table, std::string_view operation,
                   std::string_view word) {
  auto response = TRY(client.raw(operation, table_body(table.name)));
  std::erase(response.body, ' ');
  return response.status == 200 && response.body.find(word) != std::string::npos;
}

Result<void> turn_on_extras(Client& client, Provisioned& done, const TableShape& table,
                            Deadline deadline) {
  if (!table.ttl.empty() && !TRY(is_on(client, table, "DescribeTimeToLive", "\"ENABL")))
    TRY(turn_on(client, done, table, "UpdateTimeToLive", ttl_body(table), "time to live",
                deadline));
  if (!TRY(is_on(client, table, "DescribeContinuousBackups",
                 "\"PointInTimeRecoveryStatus\":\"ENABLED\"")))
    TRY(turn_on(client, done, table, "UpdateContinuousBackups", recovery_body(table),
                "point-in-time recovery", deadline));
  return {};
}

Result<void> provision(Client& client, Provisioned& done, const TableShape& table,
                       const ProvisionOptions& options) {
  const Deadline deadline = deadline_in(options.patience);
  const auto there = TRY(describe(client, table.name));
  if (there) {
    TRY(check_shape(table, *there));
    done.lines.push_back("table " + table.name + ": is there");
  } else {
    done.lines.push_back("table " + table.name + (options.dry_run ? ": would be made" : ": made"));
    done.changed = true;
    if (options.dry_run) return {};
    const auto made = TRY(client.raw("CreateTable", create_body(table)));
    const bool by_another = parse_failure(made.body).name == "ResourceInUseException";
    if (made.status != 200 && !by_another) return to_error(made, table.name);
    TRY(wait_until(client, table.name, true, deadline));
  }
  if (!options.dry_run) TRY(turn_on_extras(client, done, table, deadline));
  return {};
}

}  // namespace

TableNames TableNames::with_prefix(std::string_view prefix) {
  const std::string start(prefix);
  return {start + "images", start + "image_tags", start + "image_ledger"};
}

Result<Provisioned> provision_tables(Client& client, const TableNames& names,
                                     const ProvisionOptions& options) {
  Provisioned done;
  for (const auto& table : shapes(names)) TRY(provision(client, done, table, options));
  return done;
}

Result<void> check_deletable(Client& client, const TableNames& names) {
  for (const auto& table : shapes(names)) {
    const auto description = TRY(describe(client, table.name));
    if (!description) continue;
    TRY(check_shape(table, *description));
    const auto* is_protected = description->if_contains("DeletionProtectionEnabled");
    if (is_protected && is_protected->is_bool() && is_protected->get_bool())
      return Error{ErrorKind::unavailable,
                   "aws_table_protected",
                   "DynamoDB table " + table.name +
                       " has deletion protection: turn it off first. Nothing was deleted.",
                   {}};
  }
  return {};
}

Result<Provisioned> delete_tables(Client& client, const TableNames& names,
                                  const ProvisionOptions& options) {
  TRY(check_deletable(client, names));
  Provisioned done;
  for (const auto& table : shapes(names)) {
    if (!TRY(describe(client, table.name))) {
      done.lines.push_back("table " + table.name + ": is not there");
      continue;
    }
    done.changed = true;
    done.lines.push_back("table " + table.name +
                         (options.dry_run ? ": would be deleted" : ": deleted"));
    if (options.dry_run) continue;
    TRY(client.call("DeleteTable", table_body(table.name), table.name));
    TRY(wait_until(client, table.name, false, deadline_in(options.patience)));
  }
  return done;
}

Result<void> check_tables(Client& client, const TableNames& names) {
  for (const auto& table : shapes(names)) {
    const auto description = TRY(describe(client, table.name));
    if (!description)
      return Error{ErrorKind::unavailable,
                   "aws_table_missing",
                   "DynamoDB table " + table.name +
                       " does not exist in this region: `tintype aws init` makes it.",
                   {}};
    TRY(check_shape(table, *description));
  }
  return {};
}

}  // namespace tintype::dynamodb
