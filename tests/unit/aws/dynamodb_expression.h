// The part of DynamoDB's expression language that Tintype uses, evaluated as DynamoDB does: for
// FakeDynamoDb. Anything else is thrown as a std::invalid_argument, its ValidationException.
#pragma once

#include <set>

#include "adapters/aws/dynamodb_item.h"

namespace tintype::testing {

// What the placeholders of one request stand for. All of them must be used in the end.
struct Bindings {
  std::map<std::string, std::string> names;
  dynamodb::Item values;
  std::set<std::string> used;

  const std::string& name(const std::string& placeholder);
  const dynamodb::Value& value(const std::string& placeholder);
  void check_all_used() const;
};

// `item` is null when there is none. An empty condition holds.
bool holds(const std::string& condition, Bindings& bindings, const dynamodb::Item* item);
// SET, ADD and DELETE.
void apply_update(const std::string& update, Bindings& bindings, dynamodb::Item& item);

// The names of the attributes that an expression speaks of, in order.
std::vector<std::string> attributes_in(const std::string& expression, Bindings& bindings);

}  // namespace tintype::testing
