// Reading Boost.JSON objects whose shape nobody has promised. Internal to the Lambda front.
#pragma once

#include <string>
#include <string_view>

namespace boost::json {
class object;
class value;
}  // namespace boost::json

namespace tintype::lambda_json {

// The member if it is an object, else null.
const boost::json::object* object_at(const boost::json::object& object, std::string_view name);
// The member if it is a string, else an empty text.
std::string text_at(const boost::json::object& object, std::string_view name);
std::string text_of(const boost::json::value& value);

}  // namespace tintype::lambda_json
