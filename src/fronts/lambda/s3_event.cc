#include "fronts/lambda/s3_event.h"

#include <boost/json.hpp>

#include "base/encoding.h"
#include "base/json_writer.h"
#include "fronts/lambda/json_text.h"
#include "services/complete_upload.h"
#include "telemetry/log.h"

namespace tintype {
namespace {

using lambda_json::object_at;
using lambda_json::text_at;

bool is_creation(std::string_view event_name) {
  if (event_name.starts_with("s3:")) event_name.remove_prefix(3);
  return event_name.starts_with("ObjectCreated:");
}

// Nothing for another event, and for a record without what it needs.
std::optional<Arrival> read_record(const boost::json::value& value) {
  const auto* record = value.if_object();
  const auto* s3 = record ? object_at(*record, "s3") : nullptr;
  const auto* bucket = s3 ? object_at(*s3, "bucket") : nullptr;
  const auto* object = s3 ? object_at(*s3, "object") : nullptr;
  if (!bucket || !object || !is_creation(text_at(*record, "eventName"))) return std::nullopt;
  Arrival arrival{text_at(*bucket, "name"), text_at(*object, "key")};
  if (text_at(*record, "eventSource") == "ceph:s3") return arrival;
  auto key = percent_decode(arrival.key, true);
  if (!key.ok()) return std::nullopt;
  arrival.key = std::move(*key);
  return arrival;
}

const boost::json::array* records_of(const boost::json::object& event) {
  const auto* records = event.if_contains("Records");
  return records ? records->if_array() : nullptr;
}

std::optional<ImageId> upload_of(const ServiceContext& context, const Arrival& arrival) {
  constexpr std::string_view kPrefix = "incoming/";
  if (arrival.bucket != context.objects.bucket() || !arrival.key.starts_with(kPrefix))
    return std::nullopt;
  auto id = ImageId::parse(std::string_view(arrival.key).substr(kPrefix.size()));
  if (!id.ok() || incoming_key(*id) != arrival.key) return std::nullopt;
  return *id;
}

bool may_succeed_later(const Error& error) {
  return error.is(ErrorKind::unavailable) || error.is(ErrorKind::timeout) ||
         error.is(ErrorKind::rate_limited) || error.is(ErrorKind::storage_full);
}

// The end of an upload's life, or an event that came twice or late.
bool is_settled(const Error& error) {
  return error.is(ErrorKind::not_found) || error.is(ErrorKind::gone) ||
         error.is(ErrorKind::conflict);
}

}  // namespace

S3Event read_s3_records(const boost::json::object& event) {
  S3Event out;
  const auto* records = records_of(event);
  if (!records) return out;
  for (const auto& value : *records) {
    auto arrival = read_record(value);
    if (arrival) out.arrivals.push_back(std::move(*arrival));
    else ++out.others;
  }
  return out;
}

QueueEvent read_queue_records(const boost::json::object& event) {
  QueueEvent out;
  const auto* records = records_of(event);
  if (!records) return out;
  for (const auto& value : *records) {
    const auto* record = value.if_object();
    if (record) out.messages.push_back({text_at(*record, "messageId"), text_at(*record, "body")});
  }
  return out;
}

S3Event read_bridge_event(const boost::json::object& event) {
  S3Event out;
  const auto* detail = object_at(event, "detail");
  const auto* bucket = detail ? object_at(*detail, "bucket") : nullptr;
  const auto* object = detail ? object_at(*detail, "object") : nullptr;
  if (bucket && object) out.arrivals.push_back({text_at(*bucket, "name"), text_at(*object, "key")});
  else out.others = 1;
  return out;
}

Settlement settle_arrival(const ServiceContext& context, const Arrival& arrival,
                          Deadline deadline) {
  auto id = upload_of(context, arrival);
  if (!id) return Settlement::done;
  auto image = complete_upload(context, *id, deadline);
  if (image.ok() || is_settled(image.error())) return Settlement::done;
  const bool later = may_succeed_later(image.error());
  log_warn("an upload could not be completed", {{"image_id", id->to_string()},
                                                {"code", image.error().code},
                                                {"detail", image.error().detail},
                                                {"again", later}});
  return later ? Settlement::later : Settlement::done;
}

Settlement settle_arrivals(const ServiceContext& context, const S3Event& event, Deadline deadline) {
  auto all = Settlement::done;
  for (const auto& arrival : event.arrivals)
    if (settle_arrival(context, arrival, deadline) == Settlement::later) all = Settlement::later;
  return all;
}

std::string batch_failures(const std::vector<std::string>& message_ids) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("batchItemFailures").begin_array();
  for (const auto& id : message_ids)
    json.begin_object().key("itemIdentifier").string(id).end_object();
  json.end_array().end_object();
  return text;
}

}  // namespace tintype
