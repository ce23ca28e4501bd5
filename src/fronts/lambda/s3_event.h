// Notifications that objects have come into a bucket: S3's own, those in SQS messages, and the same
// of Ceph and MinIO.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
//
// They come at least once and in any order. What is done about one, complete_upload, may be done
// any number of times; what cannot succeed later is acknowledged, so that nothing is sent for ever.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/service_context.h"

namespace boost::json {
class object;
}

namespace tintype {

// An object that came into a bucket.
struct Arrival {
  std::string bucket;
  std::string key;  // decoded
  bool operator==(const Arrival&) const = default;
};

struct S3Event {
  std::vector<Arrival> arrivals;
  std::size_t others = 0;  // records of other events, or that make no sense
};

struct QueueMessage {
  std::string id;
  std::string body;  // an S3 event, if all is well
};
struct QueueEvent {
  std::vector<QueueMessage> messages;
};

// What `Records` of each kind hold. A record that makes no sense spoils none of the others.
// Keys are form-encoded (`+` is a space), those of `ceph:s3` are not.
S3Event read_s3_records(const boost::json::object& event);
QueueEvent read_queue_records(const boost::json::object& event);
// `Object Created` as EventBridge tells it; its key is not encoded.
S3Event read_bridge_event(const boost::json::object& event);

enum class Settlement {
  done,   // or nothing of ours: not our bucket, no upload, an image that is finished or gone
  later,  // the store, the engine or the time was short; another try may succeed
};

// Completes the upload that has arrived, as POST /images/{image_id}/complete does.
Settlement settle_arrival(const ServiceContext& context, const Arrival& arrival, Deadline deadline);
// All of them, however the others fare; `later` when one has to be tried again.
Settlement settle_arrivals(const ServiceContext& context, const S3Event& event, Deadline deadline);

// `{"batchItemFailures":[{"itemIdentifier":"..."}]}`; empty: the whole batch is done.
std::string batch_failures(const std::vector<std::string>& message_ids);

}  // namespace tintype
