// The one map from DynamoDB's errors to ours.
//
// Source: "Error handling with DynamoDB" of the Amazon DynamoDB developer guide: which errors are
// to be retried, and the shape {"__type": "namespace#Name", "message" or "Message": "..."}.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/aws/aws_client.h"
#include "adapters/aws/dynamodb_item.h"

namespace tintype::dynamodb {

// Why one write of a transaction did not happen; `None` for those that were fine.
struct CancellationReason {
  std::string code;
  std::string message;
  std::optional<Item> item;  // as it is now, when a condition on it failed
};

struct Failure {
  std::string name;  // `ConditionalCheckFailedException`, ...; empty when the body was no error
  std::string message;
  std::optional<Item> item;                 // of ConditionalCheckFailedException
  std::vector<CancellationReason> reasons;  // of TransactionCanceledException, in order

  bool is_condition() const { return name == "ConditionalCheckFailedException"; }
  // A condition of the transaction failed.
  bool is_refused_transaction() const;
  // Nothing but its timing was wrong.
  bool is_ill_timed_transaction() const;
};

Failure parse_failure(std::string_view body);

// False when the body is not what its checksum, x-amz-crc32, says.
bool is_intact(const HttpResponse& response);

Verdict judge(const HttpResponse& response);

// `table` is named to the operator. Everything that the operator has to mend is `unavailable` with
// a sentence that says how; `internal` is a defect of Tintype.
Error to_error(const HttpResponse& response, std::string_view table);

}  // namespace tintype::dynamodb
