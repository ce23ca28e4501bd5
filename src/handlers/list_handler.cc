#include "domain/cursor.h"
#include "domain/validators.h"
#include "handlers/answer.h"
#include "handlers/handlers.h"
#include "handlers/image_json.h"
#include "handlers/image_memo.h"
#include "handlers/new_image_body.h"
#include "handlers/query_params.h"
#include "handlers/response.h"
#include "services/find_images.h"

namespace tintype {
namespace {

constexpr std::int64_t kMaxSize = std::int64_t{1} << 60;

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    parts.emplace_back(part);
  }
  return parts;
}

void read_tags(QueryParams& params, ImageQuery& query, std::vector<FieldError>& errors) {
  if (auto tags = params.take("tags"))
    if (auto list = check_field("tags", normalize_tags(split_commas(*tags)), errors))
      query.tags = *list;
  auto match = params.take("tags_match");
  if (match && *match == "any") query.tags_match = TagsMatch::any;
  else if (match && *match != "all")
    errors.push_back({"tags_match", "invalid_value", "It must be all or any."});
}

void read_bounds(QueryParams& params, ImageQuery& query, std::vector<FieldError>& errors) {
  if (auto text = params.take("start_date"))
    query.start_date = check_field("start_date", parse_start_date(*text), errors);
  if (auto text = params.take("end_date"))
    query.end_date = check_field("end_date", parse_end_date(*text), errors);
  if (auto size = params.take_integer("min_size", 0, kMaxSize, errors))
    query.min_size = static_cast<std::uint64_t>(*size);
  if (auto size = params.take_integer("max_size", 0, kMaxSize, errors))
    query.max_size = static_cast<std::uint64_t>(*size);
}

void read_words(QueryParams& params, ImageQuery& query, std::vector<FieldError>& errors) {
  auto words = params.take("q");
  if (!words) return;
  if (words->size() > kMaxSearchLength || words->find_first_not_of(" \t") == std::string::npos)
    errors.push_back({"q", "invalid_value", "It must hold words, 200 bytes at most."});
  query.words = std::move(words);
}

void read_choices(QueryParams& params, ImageQuery& query, std::vector<FieldError>& errors) {
  if (auto user = params.take("user_id"))
    query.user_id = check_field("user_id", validate_user_id(*user), errors);
  if (auto type = params.take("content_type"))
    query.content_type = check_field("content_type", validate_content_type(*type), errors);
  if (auto status = params.take("status")) {
    auto known = parse_status(*status);
    if (known) query.status = *known;
    else
      errors.push_back(
          {"status", "invalid_value", "It must be processing, active, failed or deleted."});
  }
  auto sort = params.take("sort");
  if (sort && *sort == "oldest") query.sort = SortOrder::oldest;
  else if (sort && *sort != "newest")
    errors.push_back({"sort", "invalid_value", "It must be newest or oldest."});
  query.limit = static_cast<std::size_t>(
      params.take_integer("limit", 1, kMaxPageSize, errors).value_or(kDefaultPageSize));
}

struct ListRequest {
  ImageQuery query;
  std::optional<ImageId> similar_to;
  FieldMask fields = kAllFields;
};

Result<ListRequest> read_list(const ApiContext& context, const Caller& caller,
                              const Request& request) {
  std::vector<FieldError> errors;
  QueryParams params(request.raw_query);
  ListRequest list;
  read_choices(params, list.query, errors);
  read_tags(params, list.query, errors);
  read_bounds(params, list.query, errors);
  read_words(params, list.query, errors);
  if (auto id = params.take("similar_to"))
    list.similar_to = check_field("similar_to", ImageId::parse(*id), errors);
  if (auto fields = params.take("fields")) list.fields = parse_fields(*fields, errors);
  auto last_key = params.take("last_key");
  params.reject_others(errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  if (!caller.may_act_for_all) list.query.user_id = TRY(acting_user(caller, list.query.user_id));
  if (list.similar_to) {
    const auto only_user = caller.may_act_for_all ? std::nullopt : list.query.user_id;
    list.query.similar_to = TRY(similar_to(context.services, *list.similar_to, only_user));
  }
  if (last_key) {
    const std::string secret = TRY(context.config.cursor_secret.get());
    list.query.after = TRY(decode_cursor(list.query, *last_key, secret));
  }
  return list;
}

Result<Response> list_images(const ApiContext& context, const Caller& caller,
                             const Request& request) {
  auto list = TRY(read_list(context, caller, request));
  auto found = TRY(find_images(context.services, list.query));
  ImageView view{context.config.public_url, list.fields};
  std::string body;
  body.reserve(128 + found.images.size() * kTypicalImageBytes);
  body += "{\"images\":[";
  for (const auto& image : found.images) {
    if (body.back() == '}') body += ',';
    if (list.fields == kAllFields) context.image_memo->append(body, *image, view);
    else append_image(body, *image, view);
  }
  body += "],\"count\":" + std::to_string(found.images.size()) + ",\"last_key\":";
  if (found.next) {
    const std::string secret = TRY(context.config.cursor_secret.get());
    append_json_string(body, encode_cursor(list.query, *found.next, secret));
  } else {
    body += "null";
  }
  body += '}';
  return json_response(200, std::move(body));
}

}  // namespace

Response list_handler(const ApiContext& context, const Caller& caller, const Request& request) {
  return answer(request, list_images(context, caller, request));
}

}  // namespace tintype
