// JsonObject: a JSON object that a client sent, read field by field into types.
//
// Each reader returns nothing when the field is absent or ill-typed; the latter adds a FieldError.
// reject_unknown then names every field that nobody asked for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tintype {

class JsonObject {
 public:
  // Errors: `invalid` with code `invalid_json` (ill-formed, nested deeper than 32, ill-formed
  // UTF-8, or not an object).
  static Result<JsonObject> parse(std::string_view text);
  ~JsonObject();
  JsonObject(JsonObject&&) noexcept;
  JsonObject& operator=(JsonObject&&) noexcept;

  bool has(std::string_view name) const;
  bool is_null(std::string_view name) const;

  std::optional<std::string> string(std::string_view name, std::vector<FieldError>& errors);
  std::optional<std::int64_t> integer(std::string_view name, std::vector<FieldError>& errors);
  std::optional<bool> boolean(std::string_view name, std::vector<FieldError>& errors);
  std::optional<std::vector<std::string>> strings(std::string_view name,
                                                  std::vector<FieldError>& errors);
  // The field's value as compact JSON text; it must be an object.
  std::optional<std::string> object_text(std::string_view name, std::vector<FieldError>& errors);
  // The field's value, an array of objects.
  std::optional<std::vector<JsonObject>> objects(std::string_view name,
                                                 std::vector<FieldError>& errors);

  // Adds `unknown_field` for each field that no reader has been asked for.
  void reject_unknown(std::vector<FieldError>& errors) const;

 private:
  struct State;
  explicit JsonObject(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A name that a client made up, short enough to send back, cut at a character's edge.
std::string shortened_name(std::string name);

// RFC 7396: the members of `patch` replace those of `base`, recursively; null removes. Both are
// JSON objects. Errors: `invalid` with code `invalid_json`.
Result<std::string> merge_patch(std::string_view base, std::string_view patch);

}  // namespace tintype
