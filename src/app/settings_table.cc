// The table of all settings. To add one: a member in settings.h, a row here, then
// `tintype help settings --markdown > docs/SETTINGS.md`.
#include <arpa/inet.h>

#include <algorithm>

#include "app/settings.h"

namespace tintype {
namespace {

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB, kTiB = 1024 * kGiB;
constexpr std::uint64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute,
                        kDay = 24 * kHour;
constexpr std::uint64_t kMaxDays = 3650 * kDay;

constexpr std::string_view kStores[] = {"embedded", "aws"};
constexpr std::string_view kAuthModes[] = {"none", "keys", "jwt"};
constexpr std::string_view kSandboxModes[] = {"auto", "required", "off"};
constexpr std::string_view kImagingQualities[] = {"fast", "balanced", "best"};
constexpr std::string_view kImagingColors[] = {"keep", "srgb"};
constexpr std::string_view kLambdaFunctions[] = {"all",      "upload",   "list",   "get",
                                                 "download", "delete",   "update", "process",
                                                 "janitor",  "rendition"};
constexpr std::string_view kLogLevels[] = {"debug", "info", "warn", "error", "off"};

#define FIELD(path)            \
  +[](Settings & s) -> auto& { \
    return s.path;             \
  }

using enum SettingType;

const Setting kTable[] = {
    {"listen", address, FIELD(listen),
     "Address and port to listen on; port 0 takes a free one and prints it.", "0.0.0.0:8080"},
    {"data", text, FIELD(data), "Folder of the embedded stores; created when missing.",
     "/var/lib/tintype", 1, 4096},
    {.name = "store",
     .type = word,
     .field = FIELD(store),
     .sentence = "Where images are kept: `embedded` in the data folder, `aws` in S3 and DynamoDB.",
     .example = "embedded",
     .words = kStores},
    {.name = "public_url",
     .type = url,
     .field = FIELD(public_url),
     .sentence = "What presigned and other links start with, as clients reach the server.",
     .example = "https://images.example.com",
     .empty_means = "from `listen`"},
    {.name = "allow_anonymous",
     .type = boolean,
     .field = FIELD(allow_anonymous),
     .sentence = "Listen on other than loopback addresses although `auth.mode` is none.",
     .example = "true"},
    {.name = "auth.mode",
     .type = word,
     .field = FIELD(auth.mode),
     .sentence = "Who may call: `none` believes every request, `keys` asks for API keys, `jwt` for "
                 "JSON web tokens.",
     .example = "none",
     .words = kAuthModes},

    {"limits.max_upload_bytes", size, FIELD(limits.max_upload_bytes),
     "Largest file that may be uploaded.", "25MiB", 1, 5 * kGiB},
    {"limits.max_pixels", integer, FIELD(limits.max_pixels), "Most pixels of one frame.",
     "50000000", 1, 4'000'000'000},
    {"limits.max_total_pixels", integer, FIELD(limits.max_total_pixels),
     "Most pixels of all frames of an animation together.", "500000000", 1, 40'000'000'000},
    {"limits.max_side", integer, FIELD(limits.max_side), "Longest side of an image in pixels.",
     "16384", 1, 65'535},
    {"limits.max_frames", integer, FIELD(limits.max_frames), "Most frames of an animation.", "300",
     1, 100'000},
    {"limits.max_user_images", integer, FIELD(limits.max_user_images),
     "Most images that one user may store; 0 is no limit.", "10000"},
    {"limits.max_user_bytes", size, FIELD(limits.max_user_bytes),
     "Most bytes that one user may store; 0 is no limit.", "5GiB"},

    {"upload.url_ttl", duration, FIELD(upload.url_ttl), "Life of a presigned upload URL.", "5m",
     kSecond, 7 * kDay},
    {"upload.expires_after", duration, FIELD(upload.expires_after),
     "Age at which an unfinished upload fails with `upload_expired`.", "2h", kSecond, 30 * kDay},
    {"trash.retention", duration, FIELD(trash.retention),
     "Time from a soft delete until the image is gone for good.", "7d", 0, kMaxDays},
    {"janitor.interval", duration, FIELD(janitor.interval),
     "Time between two rounds of the janitor, which expires, finishes and purges.", "5m", 100,
     kDay},
    {"janitor.min_age", duration, FIELD(janitor.min_age),
     "The janitor's reconciliation leaves alone what is younger than this.", "2h", 0, kMaxDays},
    {"janitor.reconcile_interval", duration, FIELD(janitor.reconcile_interval),
     "Time between two walks over all objects and records that hold them against each other.", "7d",
     100, kMaxDays},
    {"janitor.repair", boolean, FIELD(janitor.repair),
     "Remove the objects without a record that reconciliation finds, instead of only reporting "
     "them.",
     "true"},

    {"imaging.workers", integer, FIELD(imaging.workers),
     "Number of image worker processes; 0 is the number of cores.", "4", 0, 1024},
    {.name = "imaging.sandbox",
     .type = word,
     .field = FIELD(imaging.sandbox),
     .sentence =
         "Confinement of the workers: `auto` as far as the system can, `required` or refuse "
         "to start, `off`.",
     .example = "required",
     .words = kSandboxModes},
    {"imaging.timeout", duration, FIELD(imaging.timeout),
     "Longest time that one image may take to process.", "10s", 100, kHour},
    {"imaging.memory", size, FIELD(imaging.memory),
     "Most memory that one image worker may take (address space).", "4GiB", 128 * kMiB, 64 * kGiB},
    {.name = "imaging.quality",
     .type = word,
     .field = FIELD(imaging.quality),
     .sentence = "Where speed and where quality is bought: `fast` for most pictures per second, "
                 "`best` for the sharpest and smallest, `balanced` between them.",
     .example = "best",
     .words = kImagingQualities},
    {.name = "imaging.color",
     .type = word,
     .field = FIELD(imaging.color),
     .sentence = "Colors of renditions: `keep` passes RGB profiles such as Display P3 through, "
                 "`srgb` converts everything.",
     .example = "srgb",
     .words = kImagingColors},
    {"imaging.queue", integer, FIELD(imaging.queue),
     "Most image jobs that wait for memory or a worker; one more is answered 503.", "256", 1,
     100'000},
    {"imaging.memory_budget", size, FIELD(imaging.memory_budget),
     "Most memory that the images in work may be predicted to take together; 0 is half of the "
     "machine's or container's memory.",
     "4GiB", 0, kTiB},

    {"renditions.variants", list, FIELD(renditions.variants),
     "Named renditions, each a name, `?` and parameters of the rendition endpoint; a comma within "
     "them is written `%2C`.",
     "icon?width=64&height=64&fit=cover,page?width=1600"},
    {"renditions.ladder", list, FIELD(renditions.ladder),
     "Variants that are made as soon as an image arrives; `none` makes none.", "thumb,full"},
    {"renditions.memory_cache", size, FIELD(renditions.memory_cache),
     "Memory for small renditions that are asked for often; 0 is none.", "256MiB", 0, kTiB},
    {"renditions.store", boolean, FIELD(renditions.store),
     "Keep renditions in the object store once they were made.", "false"},
    {"renditions.max_per_image", integer, FIELD(renditions.max_per_image),
     "Most renditions kept of one image; more are made for each request anew.", "500", 1, 100'000},
    {"renditions.avif_at_once", integer, FIELD(renditions.avif_at_once),
     "Pixels of a rendition up to which `format=auto` makes the AVIF while the client waits; "
     "larger "
     "ones are made in the background.",
     "2000000", 0, 100'000'000},

    {"server.io_threads", integer, FIELD(server.io_threads),
     "Threads that serve connections; 0 is the number of cores.", "2", 0, 1024},
    {"server.blocking_threads", integer, FIELD(server.blocking_threads),
     "Threads for requests that wait for the disk or the network.", "32", 1, 4096},
    {"server.max_connections", integer, FIELD(server.max_connections),
     "Most connections at once; one more is answered 503 and closed.", "10000", 1, 1'000'000},
    {"server.queue", integer, FIELD(server.queue),
     "Most requests that wait for a blocking thread; one more is answered 503.", "256", 1,
     1'000'000},
    {"server.header_timeout", duration, FIELD(server.header_timeout),
     "Time in which a client has to send a request's line and headers.", "5s", 100, kHour},
    {"server.keep_alive_timeout", duration, FIELD(server.keep_alive_timeout),
     "Time that an idle connection is kept open.", "20s", 100, kDay},
    {"server.body_idle_timeout", duration, FIELD(server.body_idle_timeout),
     "Longest pause while a body is sent or received.", "10s", 100, kHour},
    {"server.min_body_rate", size, FIELD(server.min_body_rate),
     "Bytes per second below which a sender is dropped; 0 is no minimum.", "16KiB", 0, kGiB},
    {"server.drain_timeout", duration, FIELD(server.drain_timeout),
     "Time that requests under way get to finish after SIGTERM.", "10s", 0, kHour},

    {.name = "log.level",
     .type = word,
     .field = FIELD(log.level),
     .sentence = "Least severe events that are logged.",
     .example = "warn",
     .words = kLogLevels},
    {"log.requests", boolean, FIELD(log.requests), "Log one line for each request.", "false"},
    {.name = "cors.origins",
     .type = list,
     .field = FIELD(cors.origins),
     .sentence = "Web origins whose pages may call the API; `*` is all of them.",
     .example = "https://app.example.com,https://admin.example.com",
     .empty_means = "none"},

    {.name = "lambda.function",
     .type = word,
     .field = FIELD(lambda.function),
     .sentence =
         "Which part of the service `tintype lambda` answers; each can do with fewer rights at "
         "AWS than all.",
     .example = "upload",
     .words = kLambdaFunctions},

    {.name = "aws.region",
     .type = text,
     .field = FIELD(aws.region),
     .sentence = "AWS region.",
     .example = "eu-central-1",
     .max = 64,
     .empty_means = "from the AWS environment"},
    {.name = "aws.profile",
     .type = text,
     .field = FIELD(aws.profile),
     .sentence = "Profile of the shared AWS configuration and credentials files.",
     .example = "production",
     .max = 128,
     .empty_means = "from the AWS environment"},
    {.name = "s3.endpoint",
     .type = url,
     .field = FIELD(s3.endpoint),
     .sentence = "Endpoint of the S3 API.",
     .example = "https://s3.internal.example.com",
     .empty_means = "AWS"},
    {.name = "s3.public_endpoint",
     .type = url,
     .field = FIELD(s3.public_endpoint),
     .sentence = "Endpoint of the S3 API in presigned URLs, where clients reach it elsewhere.",
     .example = "https://s3.example.com",
     .empty_means = "`s3.endpoint`"},
    {"s3.path_style", boolean, FIELD(s3.path_style),
     "Put the bucket into the path instead of the host name.", "true"},
    {"s3.bucket", text, FIELD(s3.bucket), "Bucket of the images.", "my-images", 3, 63},
    {.name = "dynamodb.endpoint",
     .type = url,
     .field = FIELD(dynamodb.endpoint),
     .sentence = "Endpoint of the DynamoDB API.",
     .example = "http://127.0.0.1:8000",
     .empty_means = "AWS"},
    {.name = "dynamodb.table_prefix",
     .type = text,
     .field = FIELD(dynamodb.table_prefix),
     .sentence = "What the names of the tables start with.",
     .example = "staging-",
     .max = 200,
     .empty_means = "none"},
    {"dynamodb.transactions", boolean, FIELD(dynamodb.transactions),
     "Use TransactWriteItems; false for stores without it, such as ScyllaDB Alternator.", "false"},
    {"dynamodb.shards", integer, FIELD(dynamodb.shards),
     "Partitions that each status is spread over in the status index.", "64", 1, 256},
};

#undef FIELD

}  // namespace

std::span<const Setting> settings_table() { return kTable; }

const Setting* find_setting(std::string_view name) {
  auto found = std::ranges::find(kTable, name, &Setting::name);
  return found == std::end(kTable) ? nullptr : found;
}

std::string environment_name(std::string_view setting_name) {
  std::string out = "TINTYPE_";
  for (char c : setting_name) {
    out += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return out;
}

bool is_loopback(const ListenAddress& address) {
  in_addr v4{};
  if (inet_pton(AF_INET, address.host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, address.host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::string to_string(const ListenAddress& address) {
  bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace tintype
