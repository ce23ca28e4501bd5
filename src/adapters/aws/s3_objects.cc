#include "adapters/aws/s3_objects.h"

#include <algorithm>

namespace tintype {

Result<S3ListPage> list_objects(S3Client& client, sigv4::NameValues query) {
  const bool continues = std::ranges::any_of(
      query, [](const auto& parameter) { return parameter.first == "continuation-token"; });
  S3Call call;
  call.query = std::move(query);
  call.query.emplace_back("list-type", "2");
  call.query.emplace_back("encoding-type", "url");
  const auto response = TRY(client.ask(call));
  if (response.status / 100 == 2) return parse_list_objects(response.body);
  if (continues && s3_code(response) == "InvalidArgument") {
    return invalid_error("invalid_continuation", "The continuation is not one of this listing.");
  }
  return client.error_of(response);
}

Result<void> delete_object(S3Client& client, std::string_view key) {
  S3Call call;
  call.method = "DELETE";
  call.key = key;
  const auto response = client.call(call);
  if (response.ok() || response.error().is(ErrorKind::not_found)) return {};
  return response.error();
}

// One object goes with the plainer request, on which servers agree better.
Result<void> delete_objects(S3Client& client, const std::vector<std::string>& keys) {
  if (keys.size() == 1) return delete_object(client, keys.front());
  S3Call call;
  call.method = "POST";
  call.query = {{"delete", ""}};
  call.judge = judge_s3_delete;
  call.body = delete_objects_body(keys);
  const auto response = TRY(client.call(call));
  const auto failures = TRY(parse_delete_failures(response.body));
  if (!failures.empty()) return s3_code_error(failures.front(), client.place());
  return {};
}

}  // namespace tintype
