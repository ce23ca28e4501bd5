#include "adapters/aws/dynamodb_tables.h"

#include "dynamodb_fixture.h"

namespace tintype::testing {
namespace {

using namespace dynamodb;

struct FakeIndex {
  std::string partition, sort, projection = "ALL", status = "ACTIVE";
};
struct FakeTable {
  std::string partition, sort, status = "ACTIVE";
  std::map<std::string, FakeIndex> indexes;
  std::map<std::string, std::string> types;
  std::string ttl;  // empty: off
  bool recovery = false;
};

FakeTable images() {
  return {"image_id",
          "",
          "ACTIVE",
          {{"UserIndex", {"user_status", "listed_at"}},
           {"StatusIndex", {"status_shard", "listed_at"}},
           {"DueIndex", {"due_shard", "due_at"}}},
          {},
          "",
          true};
}
FakeTable tags() {
  return {"list", "listed_at", "ACTIVE", {{"TagIndex", {"tag_shard", "listed_at"}}}, {}, "", true};
}
FakeTable ledger() {
  return {"key", "",    "ACTIVE", {{"ExpiryIndex", {"expiry_shard", "expires_at", "KEYS_ONLY"}}},
          {},    "ttl", true};
}

// Tables that are as they should be once they are made, and as the test says before.
struct FakeTables {
  std::map<std::string, FakeTable> tables;
  // Answers in the place of an operation, first to last; then it is carried out.
  std::map<std::string, std::vector<std::string>> refusals;
  // Called before each DescribeTable.
  std::function<void()> meanwhile = [] {};
  std::vector<std::string> operations;
  std::vector<std::string> bodies;  // of what writes
  SetClock clock;
  FakeHttpServer server{[this](const FakeRequest& request) { return serve(request); }};
  DynamoDbProcess process{server.url(), clock};

  static std::string failure(const std::string& name, const std::string& message = "m",
                             int status = 400) {
    return answer(status, R"({"__type":"x#)" + name + R"(","message":")" + message + R"("})");
  }
  static std::string text_in(const std::string& body, const std::string& name) {
    const std::string mark = "\"" + name + R"(":")";
    const auto at = body.find(mark) + mark.size();
    return body.substr(at, body.find('"', at) - at);
  }
  static std::string keys(const std::string& partition, const std::string& sort) {
    std::string out = R"("KeySchema":[{"AttributeName":")" + partition + R"(","KeyType":"HASH"})";
    if (!sort.empty()) out += R"(,{"AttributeName":")" + sort + R"(","KeyType":"RANGE"})";
    return out + "]";
  }
  static std::string described(const FakeTable& table) {
    std::string indexes, types;
    for (const auto& [name, index] : table.indexes)
      indexes += (indexes.empty() ? "" : ",") + (R"({"IndexName":")" + name) + R"(",)" +
                 keys(index.partition, index.sort) + R"(,"Projection":{"ProjectionType":")" +
                 index.projection + R"("},"IndexStatus":")" + index.status + R"("})";
    for (const auto& [name, type] : table.types)
      types += (types.empty() ? "" : ",") + (R"({"AttributeName":")" + name) +
               R"(","AttributeType":")" + type + R"("})";
    return R"({"TableStatus":")" + table.status + R"(",)" + keys(table.partition, table.sort) +
           R"(,"AttributeDefinitions":[)" + types + R"(],"GlobalSecondaryIndexes":[)" + indexes +
           "]}";
  }
  std::string serve(const FakeRequest& request) {
    const std::string operation = request.header("x-amz-target").substr(18);
    const std::string name = text_in(request.body, "TableName");
    operations.push_back(operation);
    if (!operation.starts_with("Describe")) bodies.push_back(request.body);
    if (auto& refused = refusals[operation]; !refused.empty()) {
      const std::string first = refused.front();
      refused.erase(refused.begin());
      return first;
    }
    if (operation == "CreateTable") {
      FakeTable made = name == "images" ? images() : name == "image_tags" ? tags() : ledger();
      made.ttl.clear();
      made.recovery = false;
      tables.emplace(name, made);
      return answer(200, "{}");
    }
    if (operation == "DescribeTable") meanwhile();
    if (!tables.contains(name)) return failure("ResourceNotFoundException");
    return on(tables[name], operation, request.body);
  }
  static std::string on(FakeTable& table, const std::string& operation, const std::string& body) {
    if (operation == "DescribeTable") return answer(200, R"({"Table":)" + described(table) + "}");
    if (operation == "UpdateTable") {
      const std::string index = text_in(body, "IndexName");
      table.indexes[index] = images().indexes[index];
      return answer(200, R"({"TableDescription":)" + described(table) + "}");
    }
    if (operation == "UpdateTimeToLive") table.ttl = "ttl";
    if (operation == "UpdateContinuousBackups") table.recovery = true;
    const std::string ttl =
        table.ttl.empty() ? R"("DISABLED")" : R"("ENABLED","AttributeName":")" + table.ttl + "\"";
    const std::string recovery = table.recovery ? "ENABLED" : "DISABLED";
    return answer(200, R"({"TimeToLiveDescription":{"TimeToLiveStatus": )" + ttl +
                           R"(},"ContinuousBackupsDescription":{"PointInTimeRecoveryDescription":)"
                           R"({"PointInTimeRecoveryStatus":")" +
                           recovery + R"("}}})");
  }
};

class DynamoDbTables : public ::testing::Test {
 protected:
  // The error's detail; empty for none. What was told is in `lines`.
  std::string provision(ProvisionOptions options = {}) {
    lines.clear();
    fake.operations.clear();
    fake.bodies.clear();
    ProvisionLog log([this](const std::string& line) { lines.push_back(line); });
    const auto done = provision_tables(fake.process.client, names, options, log);
    changed = log.has_changes();
    if (options.dry_run) {
      EXPECT_EQ(fake.bodies, std::vector<std::string>());
    }
    return done.ok() ? "" : done.error().detail;
  }
  std::string check() {
    const auto done = check_tables(fake.process.client, names);
    return done.ok() ? "" : done.error().detail;
  }
  bool has(const std::string& line) const { return std::ranges::find(lines, line) != lines.end(); }
  void make_all() {
    fake.tables = {{"images", images()}, {"image_tags", tags()}, {"image_ledger", ledger()}};
  }

  FakeTables fake;
  TableNames names = FakeDynamoDb::names();
  std::vector<std::string> lines;
  bool changed = false;
};

const ProvisionOptions kDryRun{.dry_run = true};
const ProvisionOptions kImpatient{.patience = milliseconds(0)};

TEST_F(DynamoDbTables, AreMadeOnceAndThenThere) {
  EXPECT_NE(check().find("does not exist in this region"), std::string::npos);
  ASSERT_EQ(provision(kDryRun), "");
  EXPECT_TRUE(changed);
  EXPECT_EQ(lines, (std::vector<std::string>{
                       "table images: would be made",
                       "table images: point-in-time recovery: would be turned on",
                       "table image_tags: would be made",
                       "table image_tags: point-in-time recovery: would be turned on",
                       "table image_ledger: would be made",
                       "table image_ledger: time to live: would be turned on",
                       "table image_ledger: point-in-time recovery: would be turned on"}));
  ASSERT_EQ(provision(), "");
  EXPECT_TRUE(changed);
  EXPECT_TRUE(has("table image_ledger: made"));
  EXPECT_TRUE(has("table image_ledger: time to live: turned on"));
  EXPECT_EQ(fake.tables.size(), 3u);
  EXPECT_EQ(check(), "");
  for (const auto& options : {ProvisionOptions(), kDryRun}) {
    ASSERT_EQ(provision(options), "");
    EXPECT_FALSE(changed);
    EXPECT_TRUE(fake.bodies.empty());
    EXPECT_TRUE(has("table images: is there"));
    EXPECT_TRUE(has("table image_ledger: time to live: is on"));
  }
}

// That the indexes of a new table are being made goes without saying.
TEST_F(DynamoDbTables, AreWaitedForSilentlyWhenNew) {
  int looks = 0;
  fake.meanwhile = [&] {
    for (auto& [name, table] : fake.tables)
      table.indexes.begin()->second.status = ++looks < 3 ? "CREATING" : "ACTIVE";
  };
  ASSERT_EQ(provision(), "");
  EXPECT_GE(looks, 3);
  EXPECT_EQ(lines.size(), 7u);
}

TEST_F(DynamoDbTables, AreMadeWithIndexesAndTypes) {
  ASSERT_EQ(provision(), "");
  EXPECT_EQ(
      fake.bodies.at(4),
      R"({"TableName":"image_ledger","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[)"
      R"({"AttributeName":"expires_at","AttributeType":"S"},)"
      R"({"AttributeName":"expiry_shard","AttributeType":"S"},)"
      R"({"AttributeName":"key","AttributeType":"S"}],)"
      R"("KeySchema":[{"AttributeName":"key","KeyType":"HASH"}],)"
      R"("GlobalSecondaryIndexes":[{"IndexName":"ExpiryIndex","KeySchema":[)"
      R"({"AttributeName":"expiry_shard","KeyType":"HASH"},)"
      R"({"AttributeName":"expires_at","KeyType":"RANGE"}],)"
      R"("Projection":{"ProjectionType":"KEYS_ONLY"}}]})");
}

// DynamoDB refuses point-in-time recovery for the first seconds of a table's life.
TEST_F(DynamoDbTables, WaitForATableToBeReadyForBackups) {
  const auto early = FakeTables::failure("ContinuousBackupsUnavailableException");
  fake.refusals["UpdateContinuousBackups"] = {early, early};
  EXPECT_EQ(provision(), "");
  EXPECT_TRUE(fake.tables["images"].recovery);
}

TEST_F(DynamoDbTables, TwoMayMakeThemAtOnce) {
  make_all();
  fake.refusals["DescribeTable"] = {FakeTables::failure("ResourceNotFoundException")};
  fake.refusals["CreateTable"] = {FakeTables::failure("ResourceInUseException")};
  EXPECT_EQ(provision(), "");
  EXPECT_TRUE(has("table images: is there"));
  EXPECT_FALSE(changed);
}

// The one that another makes may be another's altogether.
TEST_F(DynamoDbTables, WhatAnotherHasMadeIsLookedAtToo) {
  make_all();
  fake.tables["images"].partition = "id";
  fake.refusals["DescribeTable"] = {FakeTables::failure("ResourceNotFoundException")};
  fake.refusals["CreateTable"] = {FakeTables::failure("ResourceInUseException")};
  EXPECT_EQ(provision(),
            "DynamoDB table images is not Tintype's: its key is (id) instead of "
            "(image_id). Choose another dynamodb.table_prefix, or delete the table.");
}

TEST_F(DynamoDbTables, OfOtherTypesOrProjectionsAreNotOurs) {
  make_all();
  fake.tables["images"].types = {{"image_id", "S"}, {"due_at", "N"}};
  const std::string type =
      "DynamoDB table images is not Tintype's: its attribute due_at is of type N instead of S. "
      "Choose another dynamodb.table_prefix, or delete the table.";
  EXPECT_EQ(provision(), type);
  EXPECT_EQ(provision(kDryRun), type);
  EXPECT_EQ(check(), type);
  make_all();
  fake.tables["image_tags"].indexes["TagIndex"].projection = "INCLUDE";
  const std::string projection =
      "DynamoDB table image_tags is not Tintype's: its index TagIndex holds INCLUDE instead of "
      "ALL. Replace the index by one of all attributes, or choose another dynamodb.table_prefix.";
  EXPECT_EQ(provision(), projection);
  EXPECT_EQ(check(), projection);
  EXPECT_TRUE(has("table images: is there"));
  make_all();
  fake.tables["images"].indexes["UserIndex"].sort = "";
  EXPECT_NE(provision().find("its index UserIndex is on (user_status) instead of (user_status, "
                             "listed_at)"),
            std::string::npos);
}

// ScyllaDB Alternator says so of every index.
TEST_F(DynamoDbTables, AnIndexMayHoldMoreThanWanted) {
  make_all();
  fake.tables["image_ledger"].indexes["ExpiryIndex"].projection = "ALL";
  EXPECT_EQ(provision(), "");
  EXPECT_TRUE(has("table image_ledger: index ExpiryIndex: holds ALL where KEYS_ONLY would do"));
  EXPECT_FALSE(changed);
  EXPECT_EQ(check(), "");
}

TEST_F(DynamoDbTables, MissingIndexesAreAddedOneByOne) {
  make_all();
  fake.tables["images"].types = {{"image_id", "S"}, {"listed_at", "S"}, {"status_shard", "S"}};
  fake.tables["images"].indexes.erase("UserIndex");
  fake.tables["images"].indexes.erase("DueIndex");
  EXPECT_EQ(check(),
            "DynamoDB table images lacks the index UserIndex on (user_status, listed_at). "
            "`tintype aws init` adds it.");
  EXPECT_EQ(provision(kDryRun), "");
  EXPECT_TRUE(has("table images: index UserIndex: would be added"));
  EXPECT_TRUE(has("table images: index DueIndex: would be added"));
  EXPECT_EQ(provision(), "");
  EXPECT_TRUE(has("table images: index UserIndex: added"));
  EXPECT_TRUE(has("table images: index DueIndex: added"));
  EXPECT_EQ(fake.tables["images"].indexes.size(), 3u);
  ASSERT_EQ(fake.bodies.size(), 2u);
  EXPECT_EQ(fake.bodies.front(),
            R"({"TableName":"images","AttributeDefinitions":[)"
            R"({"AttributeName":"image_id","AttributeType":"S"},)"
            R"({"AttributeName":"listed_at","AttributeType":"S"},)"
            R"({"AttributeName":"status_shard","AttributeType":"S"},)"
            R"({"AttributeName":"user_status","AttributeType":"S"}],)"
            R"("GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"UserIndex","KeySchema":[)"
            R"({"AttributeName":"user_status","KeyType":"HASH"},)"
            R"({"AttributeName":"listed_at","KeyType":"RANGE"}],)"
            R"("Projection":{"ProjectionType":"ALL"}}}]})");
}

TEST_F(DynamoDbTables, TwoMayAddAnIndexAtOnce) {
  make_all();
  fake.tables["images"].indexes.erase("DueIndex");
  int looks = 0;
  fake.meanwhile = [&] {
    if (++looks == 3) fake.tables["images"] = images();
  };
  fake.refusals["UpdateTable"] = {FakeTables::failure("ValidationException", "already exists")};
  EXPECT_EQ(provision(), "");
  EXPECT_FALSE(changed);
}

// ScyllaDB Alternator before 2025.1.
TEST_F(DynamoDbTables, AnIndexThatAServerDoesNotAddIsAnError) {
  make_all();
  fake.tables["images"].indexes.erase("DueIndex");
  fake.refusals["UpdateTable"] = {FakeTables::failure("ValidationException", "not supported")};
  EXPECT_EQ(provision(),
            "DynamoDB table images lacks the index DueIndex on (due_shard, due_at). This server "
            "does not add it (not supported). Add it by hand, or choose another "
            "dynamodb.table_prefix.");
  fake.refusals["UpdateTable"] = {FakeTables::failure("AccessDeniedException", "no")};
  EXPECT_NE(provision().find("AccessDeniedException"), std::string::npos);
}

TEST_F(DynamoDbTables, NothingIsAddedToWhatMayBeSomebodyElses) {
  make_all();
  fake.tables["images"].indexes.clear();
  const std::string said =
      "DynamoDB table images lacks the index UserIndex on (user_status, listed_at). Choose another "
      "dynamodb.table_prefix, or delete the table.";
  EXPECT_EQ(provision(), said);
  EXPECT_EQ(check(), said);
  EXPECT_TRUE(fake.bodies.empty());
}

TEST_F(DynamoDbTables, IndexesThatAreBeingBuiltAreWaitedFor) {
  make_all();
  fake.tables["images"].indexes["UserIndex"].status = "CREATING";
  EXPECT_EQ(check(),
            "DynamoDB table images is not ready yet: its index UserIndex is CREATING. `tintype aws "
            "init` waits for it.");
  EXPECT_EQ(provision(kDryRun), "");
  EXPECT_TRUE(has("table images: index UserIndex: is CREATING"));
  EXPECT_NE(provision(kImpatient).find("its index UserIndex is CREATING"), std::string::npos);
  EXPECT_TRUE(has("table images: is there"));
  int looks = 0;
  fake.meanwhile = [&] {
    if (++looks == 4) fake.tables["images"].indexes["UserIndex"].status = "ACTIVE";
  };
  EXPECT_EQ(provision(), "");
  EXPECT_EQ(std::ranges::count(lines, "table images: index UserIndex: is CREATING"), 1);
  fake.tables["images"].indexes["UserIndex"].status = "UPDATING";  // its capacity
  EXPECT_EQ(check(), "");
}

TEST_F(DynamoDbTables, TimeToLiveOfAnotherAttributeIsAnError) {
  make_all();
  fake.tables["image_ledger"].ttl = "expires";
  const std::string said =
      "DynamoDB table image_ledger: time to live is on for the attribute \"expires\" instead of "
      "\"ttl\", and a table has it for one alone. Turn it off, or choose another "
      "dynamodb.table_prefix.";
  EXPECT_EQ(provision(), said);
  EXPECT_EQ(provision(kDryRun), said);
}

TEST_F(DynamoDbTables, WhatIsTurnedOnMeanwhileIsOn) {
  make_all();
  fake.tables["image_ledger"].ttl = "";
  const auto already = FakeTables::failure("ValidationException", "TimeToLive is already enabled");
  fake.refusals["UpdateTimeToLive"] = {already};
  EXPECT_NE(provision().find("TimeToLive is already enabled"), std::string::npos);  // but it is off
  const auto off = answer(200, R"({"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}})");
  fake.tables["image_ledger"].ttl = "ttl";
  fake.refusals["DescribeTimeToLive"] = {off};
  fake.refusals["UpdateTimeToLive"] = {already};
  EXPECT_EQ(provision(), "");
  EXPECT_TRUE(has("table image_ledger: time to live: is on"));
  EXPECT_FALSE(changed);
}

TEST_F(DynamoDbTables, OnlyWhatAServerDoesNotKnowIsPassedOver) {
  for (const auto& [refusal, why] : std::vector<std::pair<std::string, std::string>>{
           {FakeTables::failure("UnknownOperationException", "Unsupported operation X"),
            " (Unsupported operation X)"},
           {answer(400, R"({"__type":"com.amazon.coral.service#UnknownOperationException"})"), ""},
           {FakeTables::failure("ValidationException", "TTL not yet supported on tablets"),
            " (TTL not yet supported on tablets)"},
           {answer(404, "<UnknownOperationException/>"), ""},
           {answer(405, ""), ""}}) {
    make_all();
    fake.tables["image_ledger"].ttl = "";
    fake.refusals["UpdateTimeToLive"] = {refusal};
    EXPECT_EQ(provision(), "") << refusal;
    EXPECT_TRUE(has("table image_ledger: time to live: is not known to this server" + why)) << why;
    EXPECT_FALSE(changed);
  }
  for (const auto& refusal :
       {FakeTables::failure("ValidationException", "modified multiple times"),
        FakeTables::failure("AccessDeniedException", "no"), answer(403, "<html>proxy</html>")}) {
    make_all();
    fake.tables["image_ledger"].ttl = "";
    fake.refusals["UpdateTimeToLive"] = {refusal};
    EXPECT_TRUE(provision().ends_with("This was to turn on time to live.")) << refusal;
    fake.refusals["DescribeTimeToLive"] = {refusal};
    EXPECT_NE(provision(kDryRun), "") << refusal;
  }
}

TEST_F(DynamoDbTables, WhatWasDoneBeforeAnErrorIsTold) {
  fake.refusals["CreateTable"] = {answer(200, "{}")};  // images, which then is there
  fake.tables["images"] = images();
  fake.refusals["DescribeTable"] = {FakeTables::failure("ResourceNotFoundException")};
  fake.refusals["CreateTable"].push_back(FakeTables::failure("LimitExceededException"));
  EXPECT_EQ(provision(), "DynamoDB table image_tags: 400 LimitExceededException: m.");
  EXPECT_EQ(lines, (std::vector<std::string>{"table images: made",
                                             "table images: point-in-time recovery: is on"}));
}

TEST_F(DynamoDbTables, ANameThatNoTableCanHaveNamesTheSetting) {
  fake.refusals["DescribeTable"] = {FakeTables::failure("ValidationException", "bad name")};
  EXPECT_TRUE(provision().ends_with("bad name. Check dynamodb.table_prefix."));
}

// A table that is being deleted is described without its keys and indexes, and is gone some time
// later.
struct Going {
  FakeTables& fake;
  int looks = 0;
  explicit Going(FakeTables& tables) : fake(tables) {
    fake.tables["images"] = {.partition = "", .sort = "", .status = "DELETING"};
    fake.meanwhile = [this] {
      if (++looks == 3) fake.tables.erase("images");
    };
  }
};

TEST_F(DynamoDbTables, OnesThatAreBeingDeletedAreMadeAnew) {
  make_all();
  {
    const Going going(fake);
    EXPECT_NE(check().find("it is DELETING"), std::string::npos) << check();
    ASSERT_EQ(provision(kDryRun), "");
    EXPECT_TRUE(has("table images: is being deleted"));
    EXPECT_TRUE(has("table images: would be made"));
  }
  const Going going(fake);
  ASSERT_EQ(provision(), "");
  EXPECT_TRUE(has("table images: is being deleted"));
  EXPECT_TRUE(has("table images: made"));
  EXPECT_EQ(fake.tables["images"].status, "ACTIVE");
}

TEST_F(DynamoDbTables, OnesThatAreBeingDeletedMayBe) {
  make_all();
  const Going going(fake);
  const auto checked = check_deletable(fake.process.client, names);
  EXPECT_TRUE(checked.ok()) << checked.error().detail;
}

TEST_F(DynamoDbTables, NothingIsDeletedWhileATableIsBeingChanged) {
  for (const std::string status : {"CREATING", "UPDATING"}) {
    make_all();
    fake.tables["image_tags"].status = status;
    ProvisionLog log;
    const auto refused = delete_tables(fake.process.client, names, {}, log);
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().detail.find("image_tags is " + status), std::string::npos);
    EXPECT_NE(refused.error().detail.find("Nothing was deleted"), std::string::npos);
    EXPECT_FALSE(log.has_changes());
  }
}

TEST_F(DynamoDbTables, AreDeletedWholeOrNotAtAll) {
  make_all();
  fake.tables["image_ledger"].types = {{"key", "B"}};
  ProvisionLog log;
  const auto refused = delete_tables(fake.process.client, names, {}, log);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().detail.find("type B instead of S"), std::string::npos);
  EXPECT_TRUE(fake.bodies.empty());
  EXPECT_FALSE(log.has_changes());
}

}  // namespace
}  // namespace tintype::testing
