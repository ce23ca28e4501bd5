// Time to live and point-in-time recovery of a table: whether they are on, and turning them on.
//
// Servers other than DynamoDB may know neither; what they lack is told, and is no failure.
#pragma once

#include "adapters/aws/dynamodb_client.h"
#include "adapters/aws/dynamodb_table_shape.h"
#include "adapters/aws/provision_log.h"

namespace tintype::dynamodb {

// What is done about one table. The references must outlive it.
struct TableWork {
  Client& client;
  const TableShape& table;
  ProvisionLog& log;
  bool dry_run = false;
  Deadline deadline = Deadline::max();  // of waiting for the table
};

// In a dry run the table need not be there. Errors: also `aws_table_differs` when time to live is
// on for another attribute, of which a table can have only one.
Result<void> turn_on_features(const TableWork& work);

// Whether the answer says that the server knows no such operation, or not this use of it.
//
// DynamoDB, dynalite, MiniStack and ScyllaDB Alternator say UnknownOperationException; Alternator
// also ValidationException ("TTL not yet supported on a table using tablets"); LocalStack answers
// 501; others 404 or 405, or 400 with no name.
bool is_unknown_to_server(const HttpResponse& response);

// Sends again while the table is not ready for the operation, as one that has just been made.
Result<HttpResponse> ask_when_ready(Client& client, std::string_view operation,
                                    const std::string& body, Deadline deadline);

}  // namespace tintype::dynamodb
