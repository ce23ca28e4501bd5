// For the sources that read DynamoDB's answers, which include <boost/json.hpp> themselves.
#pragma once

#include "adapters/aws/dynamodb_item.h"

namespace boost::json {
class object;
class value;
}  // namespace boost::json

namespace tintype::dynamodb {

// Errors: `internal`.
Result<Item> read_item(const boost::json::value& json);
Result<boost::json::object> read_object(std::string_view text);

}  // namespace tintype::dynamodb
