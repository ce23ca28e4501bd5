#include "adapters/aws/dynamodb_errors.h"

#include <libdeflate.h>
#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

#include "adapters/aws/dynamodb_json.h"

namespace tintype::dynamodb {
namespace json = boost::json;
namespace {

constexpr std::string_view kCancelled = "TransactionCanceledException";

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

bool is_throttling(std::string_view name) {
  return is_one_of(name,
                   {"ProvisionedThroughputExceededException", "ThrottlingException",
                    "RequestLimitExceeded", "ThrottlingError", "ProvisionedThroughputExceeded"});
}

bool is_timing(std::string_view reason) {
  return is_throttling(reason) || is_one_of(reason, {"None", "TransactionConflict"});
}

std::string text_member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(json::string_view(name.data(), name.size()));
  if (!value || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

std::optional<Item> item_member(const json::object& object) {
  const auto* value = object.if_contains("Item");
  if (!value) return std::nullopt;
  auto item = read_item(*value);
  return item.ok() ? std::optional(std::move(*item)) : std::nullopt;
}

std::vector<CancellationReason> reasons_of(const json::object& object) {
  std::vector<CancellationReason> reasons;
  const auto* list = object.if_contains("CancellationReasons");
  if (!list || !list->is_array()) return reasons;
  for (const auto& element : list->get_array()) {
    if (!element.is_object()) continue;
    const auto& reason = element.get_object();
    std::string code = text_member(reason, "Code");
    reasons.push_back(
        {code.empty() ? "None" : code, text_member(reason, "Message"), item_member(reason)});
  }
  return reasons;
}

// Some servers leave the reasons out of the members and name them in the message:
// "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ...]".
std::vector<CancellationReason> reasons_in(std::string_view message) {
  std::vector<CancellationReason> reasons;
  const auto open = message.rfind('['), close = message.rfind(']');
  if (open == message.npos || close == message.npos || close < open) return reasons;
  std::string_view rest = message.substr(open + 1, close - open - 1);
  while (true) {
    const auto comma = rest.find(", ");
    reasons.push_back({std::string(rest.substr(0, comma)), {}, {}});
    if (comma == rest.npos) return reasons;
    rest.remove_prefix(comma + 2);
  }
}

// One line, as a sentence: DynamoDB's message on a signature goes on with the request that it has
// seen, line by line.
std::string first_line(std::string_view message) {
  std::string line(message.substr(0, message.find('\n')));
  if (!line.empty() && !line.ends_with('.')) line += '.';
  return line;
}

Error fault_of_access(const Failure& failure) {
  std::string detail = failure.name == "AccessDeniedException"
                           ? "DynamoDB refuses what the policy of the access key does not allow"
                           : "DynamoDB does not accept the access key, its secret or its session "
                             "token";
  detail += " (" + failure.name + "). " + first_line(failure.message);
  if (detail.ends_with(' ')) detail.pop_back();
  return {ErrorKind::unavailable, std::string(kCredentialsCode), std::move(detail), {}};
}

}  // namespace

bool Failure::is_refused_transaction() const {
  return name == kCancelled && std::ranges::any_of(reasons, [](const auto& reason) {
           return reason.code == "ConditionalCheckFailed";
         });
}

bool Failure::is_ill_timed_transaction() const {
  return name == kCancelled &&
         std::ranges::all_of(reasons, [](const auto& reason) { return is_timing(reason.code); });
}

bool is_intact(const HttpResponse& response) {
  const auto header = response.header("x-amz-crc32");
  if (!header || response.header("content-encoding")) return true;
  std::uint32_t wanted = 0;
  const auto end = header->data() + header->size();
  if (std::from_chars(header->data(), end, wanted).ptr != end) return true;
  return libdeflate_crc32(0, response.body.data(), response.body.size()) == wanted;
}

Failure parse_failure(std::string_view body) {
  Failure failure;
  auto object = read_object(body);
  if (!object.ok()) return failure;
  failure.name = text_member(*object, "__type");
  failure.name.erase(0, failure.name.find('#') + 1);
  failure.message = text_member(*object, "message");
  if (failure.message.empty()) failure.message = text_member(*object, "Message");
  failure.item = item_member(*object);
  failure.reasons = reasons_of(*object);
  if (failure.reasons.empty()) failure.reasons = reasons_in(failure.message);
  return failure;
}

Verdict judge(const HttpResponse& response) {
  if (!is_intact(response)) return Verdict::again;
  if (response.status >= 500 || response.status == 429) return Verdict::again;
  if (response.status / 100 != 4) return Verdict::final;
  const Failure failure = parse_failure(response.body);
  if (is_throttling(failure.name)) return Verdict::throttled;
  if (failure.name == kCancelled)
    return failure.is_ill_timed_transaction() ? Verdict::again : Verdict::final;
  if (is_one_of(failure.name, {"TransactionInProgressException", "TransactionConflictException",
                               "InternalServerError"}))
    return Verdict::again;
  if (failure.name == "ExpiredTokenException") return Verdict::expired;
  // A wrong clock shows as a signature that is too old or too young.
  if (failure.name == "InvalidSignatureException" || failure.name == "RequestTimeTooSkewed")
    return Verdict::skewed;
  return Verdict::final;
}

Error to_error(const HttpResponse& response, std::string_view table) {
  const Failure failure = parse_failure(response.body);
  const std::string where = "DynamoDB table " + std::string(table);
  if (failure.name == "ResourceNotFoundException")
    return {ErrorKind::unavailable,
            "aws_table_missing",
            where + " does not exist in this region: `tintype aws init` makes it.",
            {}};
  if (is_one_of(
          failure.name,
          {"UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException",
           "AccessDeniedException", "IncompleteSignatureException", "InvalidClientTokenId",
           "MissingAuthenticationTokenException", "MissingAuthenticationToken"}))
    return fault_of_access(failure);
  if (response.status >= 500 || response.status == 429 || is_throttling(failure.name) ||
      failure.name.starts_with("TransactionInProgress") ||
      failure.name.starts_with("TransactionConflict") || failure.is_ill_timed_transaction())
    return {ErrorKind::unavailable,
            "aws_busy",
            where + " is overloaded or failing (" + std::to_string(response.status) + " " +
                failure.name + ").",
            {}};
  std::string detail =
      where + ": " + std::to_string(response.status) + " " + failure.name + ": " + failure.message;
  for (const auto& reason : failure.reasons)
    if (!is_timing(reason.code)) detail += " [" + reason.code + ": " + reason.message + "]";
  return internal_error(std::move(detail));
}

}  // namespace tintype::dynamodb
