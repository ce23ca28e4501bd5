#include "adapters/aws/dynamodb_tables.h"

#include "dynamodb_fixture.h"

namespace tintype::testing {
namespace {

using namespace dynamodb;

// Knows each table from its CreateTable on; the first tries of each kind can be made to fail.
struct FakeTables {
  std::set<std::string> made;
  int too_early = 0;  // UpdateContinuousBackups before it is accepted
  bool another_was_faster = false;
  std::vector<std::string> operations;
  SetClock clock;
  FakeHttpServer server{[this](const FakeRequest& request) { return serve(request); }};
  DynamoDbProcess process{server.url(), clock};

  static std::string failure(const std::string& name) {
    return answer(400, R"({"__type":"x#)" + name + R"(","message":"m"})");
  }
  static std::string name_in(const std::string& body) {
    const std::string mark = R"("TableName":")";
    const auto at = body.find(mark) + mark.size();
    return body.substr(at, body.find('"', at) - at);
  }
  static std::string keys(const std::string& partition, const std::string& sort) {
    std::string out = R"("KeySchema":[{"AttributeName":")" + partition + R"(","KeyType":"HASH"})";
    if (!sort.empty()) out += R"(,{"AttributeName":")" + sort + R"(","KeyType":"RANGE"})";
    return out + "]";
  }
  std::string serve(const FakeRequest& request) {
    const std::string operation = request.header("x-amz-target").substr(18);
    const std::string name = name_in(request.body);
    operations.push_back(operation);
    if (operation == "CreateTable") {
      made.insert(name);
      return another_was_faster ? failure("ResourceInUseException") : answer(200, "{}");
    }
    if (operation == "UpdateContinuousBackups" && too_early-- > 0)
      return failure("ContinuousBackupsUnavailableException");
    if (operation != "DescribeTable") return answer(200, "{}");
    if (!made.contains(name)) return failure("ResourceNotFoundException");
    return answer(200, R"({"Table":{"TableStatus":"ACTIVE",)" + description(name) + "}}");
  }
  static std::string description(const std::string& name) {
    const auto index = [](const std::string& title, const std::string& schema) {
      return R"({"IndexName":")" + title + "\"," + schema + "}";
    };
    const std::string indexes = R"(,"GlobalSecondaryIndexes":[)";
    if (name == "images")
      return keys("image_id", "") + indexes + index("UserIndex", keys("user_status", "listed_at")) +
             "," + index("StatusIndex", keys("status_shard", "listed_at")) + "," +
             index("DueIndex", keys("due_shard", "due_at")) + "]";
    if (name == "image_tags")
      return keys("list", "listed_at") + indexes +
             index("TagIndex", keys("tag_shard", "listed_at")) + "]";
    return keys("key", "") + indexes + index("ExpiryIndex", keys("expiry_shard", "expires_at")) +
           "]";
  }
};

TEST(DynamoDbTables, AreMadeOnceAndThenThere) {
  FakeTables fake;
  const auto names = FakeDynamoDb::names();
  EXPECT_TRUE(check_tables(fake.process.client, names).error().is("aws_table_missing"));
  const auto planned = provision_tables(fake.process.client, names, {.dry_run = true});
  EXPECT_TRUE(planned->changed);
  EXPECT_TRUE(fake.made.empty());
  ASSERT_TRUE(provision_tables(fake.process.client, names, {}).ok());
  EXPECT_EQ(fake.made, (std::set<std::string>{"images", "image_tags", "image_ledger"}));
  EXPECT_TRUE(check_tables(fake.process.client, names).ok());
}

// DynamoDB refuses point-in-time recovery for the first seconds of a table's life.
TEST(DynamoDbTables, WaitForATableToBeReadyForBackups) {
  FakeTables fake;
  fake.too_early = 2;
  const auto done = provision_tables(fake.process.client, FakeDynamoDb::names(), {});
  EXPECT_TRUE(done.ok()) << done.error().detail;
}

TEST(DynamoDbTables, TwoMayMakeThemAtOnce) {
  FakeTables fake;
  fake.another_was_faster = true;
  const auto done = provision_tables(fake.process.client, FakeDynamoDb::names(), {});
  EXPECT_TRUE(done.ok()) << done.error().detail;
}

}  // namespace
}  // namespace tintype::testing
