// Settings: everything an operator may choose, as types; and the table that declares each once.
//
// The members' initialisers are the defaults. The table (settings_table.cc) gives each setting its
// name, bounds and sentence; flags, environment names, the config file, `tintype help settings` and
// docs/SETTINGS.md derive from it. How values are read: settings_load.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "domain/limits.h"

namespace tintype {

enum class StoreKind : std::uint8_t { embedded, aws };
enum class AuthMode : std::uint8_t { none, keys, jwt };
enum class SandboxMode : std::uint8_t { auto_, required, off };
enum class ImagingQuality : std::uint8_t { fast, balanced, best };
enum class ImagingColor : std::uint8_t { keep, srgb };
// What one process answers in AWS Lambda (fronts/lambda/function_rights.h).
enum class LambdaFunction : std::uint8_t {
  all,
  upload,
  list,
  get,
  download,
  delete_,
  update,
  process,
  janitor,
  rendition
};
enum class LogThreshold : std::uint8_t { debug, info, warn, error, off };

// Where to listen: an IP address and a port; port 0 takes a free one.
struct ListenAddress {
  std::string host = "127.0.0.1";  // an IPv4 or IPv6 address, without brackets
  std::uint16_t port = 8080;
  bool operator==(const ListenAddress&) const = default;
};
// True for 127.0.0.0/8 and ::1.
bool is_loopback(const ListenAddress& address);
// `127.0.0.1:8080`, `[::1]:8080`.
std::string to_string(const ListenAddress& address);

struct Settings {
  ListenAddress listen;
  std::string data = "./data";
  StoreKind store = StoreKind::embedded;
  std::string public_url;  // without a trailing slash; empty: from `listen`
  bool allow_anonymous = false;

  struct Auth {
    AuthMode mode = AuthMode::none;
  } auth;

  Limits limits;

  struct Upload {
    milliseconds url_ttl = std::chrono::minutes(15);
    milliseconds expires_after = std::chrono::hours(24);
  } upload;

  struct Trash {
    milliseconds retention = std::chrono::hours(30 * 24);
  } trash;

  struct Janitor {
    milliseconds interval = seconds(60);
    milliseconds min_age = std::chrono::hours(1);
    milliseconds reconcile_interval = std::chrono::hours(24);
    bool repair = false;
  } janitor;

  struct Imaging {
    std::uint32_t workers = 0;  // 0: the number of cores
    SandboxMode sandbox = SandboxMode::auto_;
    milliseconds timeout = seconds(30);
    // Bytes of address space of one worker; an AVIF of 100 megapixels takes 16 for each.
    std::uint64_t memory = 2ull << 30;
    ImagingQuality quality = ImagingQuality::balanced;
    ImagingColor color = ImagingColor::keep;
    std::uint32_t queue = 64;  // jobs that may wait for memory or a worker
    std::uint64_t memory_budget =
        0;  // bytes predicted for all jobs in work; 0: half of what is there
  } imaging;

  // Variants and ladder as domain/rendition_variants.h reads them.
  struct Renditions {
    std::vector<std::string> variants = {"thumb?width=320&height=320&fit=cover",
                                         "feed?width=1080&height=1080",
                                         "full?width=2048&height=2048"};
    std::vector<std::string> ladder = {"thumb", "feed", "full"};
    std::uint64_t memory_cache = 32ull << 20;  // bytes; 0: none
    bool store = true;
    std::uint32_t max_per_image = 100;
    std::uint64_t avif_at_once = 600'000;  // pixels
  } renditions;

  struct Server {
    std::uint32_t io_threads = 0;  // 0: the number of cores
    std::uint32_t blocking_threads = 64;
    std::uint32_t max_connections = 4096;
    std::uint32_t queue = 1024;  // requests that may wait for a blocking thread
    milliseconds header_timeout = seconds(10);
    milliseconds keep_alive_timeout = seconds(75);
    milliseconds body_idle_timeout = seconds(30);
    std::uint64_t min_body_rate = 1024;  // bytes per second; 0: no minimum
    milliseconds drain_timeout = seconds(30);
  } server;

  struct Log {
    LogThreshold level = LogThreshold::info;
    bool requests = true;
  } log;

  struct Cors {
    std::vector<std::string> origins;  // `https://example.com`, or `*` alone
  } cors;

  struct Lambda {
    LambdaFunction function = LambdaFunction::all;
  } lambda;

  // Empty texts: what the AWS environment says.
  struct Aws {
    std::string region;
    std::string profile;
  } aws;

  struct S3 {
    std::string endpoint;
    std::string public_endpoint;
    bool path_style = false;
    std::string bucket = "image-storage-bucket";
  } s3;

  struct DynamoDb {
    std::string endpoint;
    std::string table_prefix;
    bool transactions = true;
    std::uint32_t shards = 16;
  } dynamodb;
};

enum class SettingType : std::uint8_t {
  text,      // any UTF-8 without control characters
  url,       // http:// or https://, a host, no query; a trailing slash is dropped
  boolean,   // true or false
  integer,   // decimal digits
  size,      // bytes: a number, alone or with KiB, MiB or GiB
  duration,  // a number with ms, s, m, h or d
  address,   // ADDRESS:PORT, [IPV6]:PORT, localhost:PORT
  word,      // one of `words`
  list,      // words separated by commas; in the file an array of strings
};

// Finds a setting's member within Settings.
template <typename T>
using FieldOf = T& (*)(Settings&);
using SettingField =
    std::variant<FieldOf<std::string>, FieldOf<bool>, FieldOf<std::uint32_t>,
                 FieldOf<std::uint64_t>, FieldOf<milliseconds>, FieldOf<ListenAddress>,
                 FieldOf<std::vector<std::string>>, FieldOf<StoreKind>, FieldOf<AuthMode>,
                 FieldOf<SandboxMode>, FieldOf<ImagingQuality>, FieldOf<ImagingColor>,
                 FieldOf<LambdaFunction>, FieldOf<LogThreshold>>;

struct Setting {
  std::string_view name;  // `limits.max_upload_bytes`
  SettingType type = SettingType::text;
  SettingField field;
  std::string_view sentence;
  std::string_view example;
  // Bounds, both included: of the number, of the bytes, or of the milliseconds.
  std::uint64_t min = 0;
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  std::span<const std::string_view> words = {};  // in the order of the enum
  std::string_view empty_means = {};             // what an empty default stands for, for people
};

// Every setting, in the order in which people should read them. Lives as long as the program.
std::span<const Setting> settings_table();

// The setting of that name, or null.
const Setting* find_setting(std::string_view name);

// `TINTYPE_LIMITS_MAX_UPLOAD_BYTES`
std::string environment_name(std::string_view setting_name);

}  // namespace tintype
