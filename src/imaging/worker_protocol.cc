#include "imaging/worker_protocol.h"

#include "base/encoding.h"
#include "imaging/failures.h"
#include "imaging/rendition_wire.h"
#include "imaging/wire.h"

namespace tintype {
namespace {

constexpr std::uint32_t kJobMagic = 0x314A5454;     // "TTJ1"
constexpr std::uint32_t kHelloMagic = 0x31485454;   // "TTH1"
constexpr std::uint32_t kAnswerMagic = 0x31415454;  // "TTA1"
constexpr std::size_t kMaxDetail = 500;
constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxThumbhash = 32;

std::string read_text(WireReader& in, std::size_t max_bytes) {
  std::string text = in.text(max_bytes);
  in.check(is_valid_utf8(text));
  return text;
}

void write_camera(WireWriter& out, const CameraFacts& camera) {
  out.text(camera.camera_make).text(camera.camera_model).text(camera.lens);
  out.text(camera.exposure_time).text(camera.taken_at).text(camera.software);
  out.text(camera.artist).text(camera.copyright);
  out.real(camera.f_number.value_or(-1)).real(camera.focal_length.value_or(-1));
  out.integer<std::uint32_t>(camera.iso.value_or(0));
}

CameraFacts read_camera(WireReader& in) {
  CameraFacts camera;
  for (auto* text : {&camera.camera_make, &camera.camera_model, &camera.lens, &camera.exposure_time,
                     &camera.taken_at, &camera.software, &camera.artist, &camera.copyright})
    *text = read_text(in, kMaxExifText);
  if (double value = in.real(-1, 1e6); value >= 0) camera.f_number = value;
  if (double value = in.real(-1, 1e6); value >= 0) camera.focal_length = value;
  if (auto iso = in.integer<std::uint32_t>(); iso > 0) camera.iso = iso;
  return camera;
}

void write_location(WireWriter& out, const std::optional<Location>& location) {
  out.integer<std::uint8_t>(location.has_value());
  if (!location) return;
  out.real(location->latitude).real(location->longitude);
  out.integer<std::uint8_t>(location->altitude.has_value());
  if (location->altitude) out.real(*location->altitude);
}

std::optional<Location> read_location(WireReader& in) {
  if (!in.flag()) return std::nullopt;
  Location location;
  location.latitude = in.real(-90, 90);
  location.longitude = in.real(-180, 180);
  if (in.flag()) location.altitude = in.real(-1e6, 1e6);
  return location;
}

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void write_looks(WireWriter& out, const ImageFacts& facts) {
  out.text(facts.thumbhash).text(facts.dominant_color).text(facts.perceptual_hash);
}

// These go into records and answers as they are, so only their one shape is accepted.
void read_looks(WireReader& in, ImageFacts& facts) {
  facts.thumbhash = in.text(kMaxThumbhash);
  std::string color = in.text(7);
  in.check(color.empty() || (color[0] == '#' && is_hex(std::string_view(color).substr(1), 6)));
  std::string hash = in.text(16);
  in.check(hash.empty() || is_hex(hash, 16));
  facts.dominant_color = std::move(color);
  facts.perceptual_hash = std::move(hash);
}

std::string limited(const std::string& text) {
  return is_valid_utf8(text) && text.size() <= kMaxDetail ? text : "The decoder failed.";
}

Error unreadable() { return invalid_error("bad_message", "unreadable imaging message"); }

}  // namespace

std::string encode_job(const Job& job) {
  WireWriter out;
  out.integer(kJobMagic).integer(static_cast<std::uint16_t>(job.kind)).integer(job.id);
  out.integer(job.input_size).integer(job.limits.max_pixels).integer(job.limits.max_total_pixels);
  out.integer(job.limits.max_side).integer(job.limits.max_frames).integer(job.cpu_seconds);
  return out.text(job.payload).take();
}

Result<Job> decode_job(std::string_view packet) {
  WireReader in(packet);
  Job job;
  in.check(in.integer<std::uint32_t>() == kJobMagic);
  job.kind = static_cast<JobKind>(in.integer<std::uint16_t>());
  job.id = in.integer<std::uint64_t>();
  job.input_size = in.integer<std::uint64_t>();
  job.limits.max_pixels = in.integer<std::uint64_t>();
  job.limits.max_total_pixels = in.integer<std::uint64_t>();
  job.limits.max_side = in.integer<std::uint32_t>();
  job.limits.max_frames = in.integer<std::uint32_t>();
  job.cpu_seconds = in.integer<std::uint32_t>();
  job.payload = in.text(kMaxPacket);
  if (!in.done()) return unreadable();
  return job;
}

std::string encode_hello(const Hello& hello) {
  WireWriter out;
  out.integer(kHelloMagic).integer(static_cast<std::uint8_t>(hello.sandbox));
  return out.integer<std::uint8_t>(hello.heic).text(limited(hello.reason)).take();
}

Result<Hello> decode_hello(std::string_view packet) {
  WireReader in(packet);
  Hello hello;
  in.check(in.integer<std::uint32_t>() == kHelloMagic);
  auto sandbox = in.integer<std::uint8_t>();
  in.check(sandbox <= static_cast<std::uint8_t>(SandboxStatus::off));
  hello.sandbox = static_cast<SandboxStatus>(sandbox);
  hello.heic = in.flag();
  hello.reason = read_text(in, kMaxDetail);
  if (!in.done()) return unreadable();
  return hello;
}

std::string encode_answer(std::uint64_t id, const Result<std::string>& answer) {
  WireWriter out;
  out.integer(kAnswerMagic).integer(id).integer<std::uint8_t>(answer.ok());
  if (answer.ok()) {
    out.text(*answer).text("");
  } else {
    out.text(answer.error().code).text(limited(answer.error().detail));
  }
  return out.take();
}

Result<Answer> decode_answer(std::string_view packet) {
  WireReader in(packet);
  in.check(in.integer<std::uint32_t>() == kAnswerMagic);
  auto id = in.integer<std::uint64_t>();
  bool ok = in.flag();
  std::string first = in.text(kMaxPacket);
  std::string detail = read_text(in, kMaxDetail);
  in.check(ok ? detail.empty() : is_image_failure_code(first));
  if (!in.done()) return unreadable();
  if (ok) return Answer{id, std::move(first)};
  return Answer{id, Error{ErrorKind::unprocessable, std::move(first), std::move(detail), {}}};
}

std::string encode_inspect_answer(const InspectAnswer& answer) {
  WireWriter out;
  const ImageFacts& facts = answer.facts;
  out.integer(static_cast<std::uint8_t>(facts.content_type));
  out.integer(facts.width).integer(facts.height).integer(facts.frames).integer(facts.orientation);
  out.integer<std::uint8_t>(facts.has_alpha).text(facts.color_profile);
  write_looks(out, facts);
  write_camera(out, answer.camera);
  write_location(out, answer.location);
  write_rendered(out, answer.renditions);
  return out.take();
}

Result<InspectAnswer> decode_inspect_answer(std::string_view payload) {
  WireReader in(payload);
  InspectAnswer answer;
  ImageFacts& facts = answer.facts;
  auto type = in.integer<std::uint8_t>();
  in.check(type <= static_cast<std::uint8_t>(MediaType::heif));
  facts.content_type = static_cast<MediaType>(type);
  facts.width = in.integer<std::uint32_t>();
  facts.height = in.integer<std::uint32_t>();
  facts.frames = in.integer<std::uint32_t>();
  facts.orientation = in.integer<std::uint8_t>();
  in.check(facts.width > 0 && facts.height > 0 && facts.frames > 0);
  in.check(facts.orientation >= 1 && facts.orientation <= 8);
  facts.has_alpha = in.flag();
  facts.color_profile = read_text(in, kMaxName);
  read_looks(in, facts);
  answer.camera = read_camera(in);
  answer.location = read_location(in);
  answer.renditions = read_rendered(in);
  if (!in.done()) return unreadable();
  return answer;
}

}  // namespace tintype
