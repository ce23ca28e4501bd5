#include "adapters/aws/dynamodb_request.h"

#include <gtest/gtest.h>

namespace tintype::dynamodb {
namespace {

Update sample_update() {
  Update update{"t", {{"id", "1"}}, {}, {}, {}};
  update.update = "ADD " + update.placeholders.name("size") + " " + update.placeholders.value(2);
  return update;
}

TEST(DynamoDbRequest, PlaceholdersNameAnAttributeOnceAndEachValueAnew) {
  Placeholders placeholders;
  EXPECT_EQ(placeholders.name("status"), "#n0");
  EXPECT_EQ(placeholders.name("size"), "#n1");
  EXPECT_EQ(placeholders.name("status"), "#n0");
  EXPECT_EQ(placeholders.value("x"), ":v0");
  EXPECT_EQ(placeholders.value("x"), ":v1");
}

TEST(DynamoDbRequest, APutWithoutAConditionHasNoExpressions) {
  const Write put = Put{"t", {{"id", "1"}}, {}, {}};
  EXPECT_EQ(operation_of(put), "PutItem");
  EXPECT_EQ(write_body(put, false), R"({"TableName":"t","Item":{"id":{"S":"1"}}})");
}

TEST(DynamoDbRequest, AConditionAsksForTheItemThatRefusedIt) {
  Delete gone{"t", {{"id", "1"}}, {}, {}};
  gone.condition = gone.placeholders.name("revision") + " = " + gone.placeholders.value(3);
  EXPECT_EQ(operation_of(gone), "DeleteItem");
  EXPECT_EQ(write_body(gone, true),
            R"({"TableName":"t","Key":{"id":{"S":"1"}},"ConditionExpression":"#n0 = :v0",)"
            R"("ReturnValuesOnConditionCheckFailure":"ALL_OLD",)"
            R"("ExpressionAttributeNames":{"#n0":"revision"},)"
            R"("ExpressionAttributeValues":{":v0":{"N":"3"}},"ReturnConsumedCapacity":"TOTAL"})");
}

TEST(DynamoDbRequest, AnUpdateMayAskForTheItemAfterIt) {
  Update update = sample_update();
  EXPECT_EQ(write_body(update, false).find("ReturnValues"), std::string::npos);
  update.return_new = true;
  EXPECT_EQ(write_body(update, false),
            R"({"TableName":"t","Key":{"id":{"S":"1"}},"UpdateExpression":"ADD #n0 :v0",)"
            R"("ReturnValues":"ALL_NEW","ExpressionAttributeNames":{"#n0":"size"},)"
            R"("ExpressionAttributeValues":{":v0":{"N":"2"}}})");
}

TEST(DynamoDbRequest, ATransactionNamesItsActionsAndItsToken) {
  EXPECT_EQ(transact_body({Put{"t", {{"id", "1"}}, {}, {}}, Delete{"u", {{"id", "2"}}, {}, {}}},
                          "token", false),
            R"({"ClientRequestToken":"token","TransactItems":[)"
            R"({"Put":{"TableName":"t","Item":{"id":{"S":"1"}}}},)"
            R"({"Delete":{"TableName":"u","Key":{"id":{"S":"2"}}}}]})");
}

TEST(DynamoDbRequest, AGetIsConsistent) {
  EXPECT_EQ(get_body("t", {{"id", "1"}}, false),
            R"({"TableName":"t","Key":{"id":{"S":"1"}},"ConsistentRead":true})");
}

TEST(DynamoDbRequest, AQueryLeavesOutWhatItDoesNotNeed) {
  Query query{.table = "t"};
  query.key_condition = query.placeholders.name("list") + " = " + query.placeholders.value("l");
  const std::string names = R"("ExpressionAttributeNames":{"#n0":"list"},)"
                            R"("ExpressionAttributeValues":{":v0":{"S":"l"}},)";
  EXPECT_EQ(query_body(query, false), R"({"TableName":"t","KeyConditionExpression":"#n0 = :v0",)" +
                                          names + R"("ScanIndexForward":true})");
  query.index = "I";
  query.filter = "#n0 = :v0";
  query.forward = false;
  query.consistent = true;
  query.limit = 7;
  query.start = Item{{"list", "l"}};
  EXPECT_EQ(query_body(query, false),
            R"({"TableName":"t","IndexName":"I","KeyConditionExpression":"#n0 = :v0",)"
            R"("FilterExpression":"#n0 = :v0",)" +
                names +
                R"("ScanIndexForward":false,"ConsistentRead":true,"Limit":7,)"
                R"("ExclusiveStartKey":{"list":{"S":"l"}}})");
}

TEST(DynamoDbRequest, BatchesAreGroupedByTable) {
  EXPECT_EQ(batch_get_body("t", {{{"id", "1"}}, {{"id", "2"}}}, false),
            R"({"RequestItems":{"t":{"Keys":[{"id":{"S":"1"}},{"id":{"S":"2"}}],)"
            R"("ConsistentRead":true}}})");
  EXPECT_EQ(batch_write_body({Put{"b", {{"id", "1"}}, {}, {}}, Delete{"a", {{"id", "2"}}, {}, {}},
                              Put{"b", {{"id", "3"}}, {}, {}}},
                             false),
            R"({"RequestItems":{"a":[{"DeleteRequest":{"Key":{"id":{"S":"2"}}}}],)"
            R"("b":[{"PutRequest":{"Item":{"id":{"S":"1"}}}},)"
            R"({"PutRequest":{"Item":{"id":{"S":"3"}}}}]}})");
}

}  // namespace
}  // namespace tintype::dynamodb
