// What only the sources that read DynamoDB's answers need: they pay for Boost.JSON.
#pragma once

#include <boost/json.hpp>

#include "adapters/aws/dynamodb_item.h"

namespace tintype::dynamodb {

// Errors: `internal`.
Result<Item> read_item(const boost::json::value& json);
Result<boost::json::object> read_object(std::string_view text);

}  // namespace tintype::dynamodb
