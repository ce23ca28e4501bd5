// The language between the pool and a worker: one packet per message on a SOCK_SEQPACKET socket.
//
// A worker says Hello once it is ready. Then each job is one packet: a header, a payload that
// depends on the kind, and by SCM_RIGHTS the input file and, for kinds that make files, a memfd per
// output. The answer is one packet with a header and a payload. Integers are little-endian, texts
// are counted. A worker has read hostile bytes, so its answers are read as such: every length and
// value is checked and nothing may be left over.
//
// A new kind of job is a number here, a case in worker_jobs.cc, and a method of WorkerPool that
// calls run(). What jobs say about renditions is in rendition_wire.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/image_metadata.h"
#include "domain/limits.h"
#include "imaging/camera_facts.h"

namespace tintype {

inline constexpr std::size_t kMaxPacket = 64 * 1024;
inline constexpr std::size_t kMaxPayload = kMaxPacket - 256;  // the rest is for the header
inline constexpr std::size_t kMaxJobFds = 16;                 // the input and up to 15 outputs
inline constexpr int kWorkerSocket = 3;

enum class JobKind : std::uint16_t {
  examine = 1,  // the whole file, and pictures of it; answered with InspectAnswer
  render = 2,   // pictures alone; answered with a list of RenderedFile
  // 0x8000 and above are left to tests.
};

struct Job {
  JobKind kind = JobKind::examine;
  std::uint64_t id = 0;
  std::uint64_t input_size = 0;
  Limits limits;  // only those of pixels, sides and frames travel
  std::uint32_t cpu_seconds = 30;
  std::string payload;
};

// How far a worker has confined itself.
enum class SandboxStatus : std::uint8_t { active, refused, off };

struct Hello {
  SandboxStatus sandbox = SandboxStatus::off;
  bool heic = false;   // libheif is there
  std::string reason;  // why the sandbox was refused
};

// Where speed is bought and where quality, and what becomes of colours. Settings `imaging.quality`
// and `imaging.color`.
enum class QualityMode : std::uint8_t { fast, balanced, best };
enum class ColorMode : std::uint8_t {
  keep,  // pixels of an RGB profile stay as they are, and a compact profile goes with them
  srgb,  // everything becomes sRGB
};
struct RenderPolicy {
  QualityMode quality = QualityMode::balanced;
  ColorMode color = ColorMode::keep;
  bool operator==(const RenderPolicy&) const = default;
};

// One picture that a worker wrote into an output.
struct RenderedFile {
  MediaType content_type = MediaType::jpeg;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t frames = 1;
  std::uint64_t size = 0;  // bytes
};

// What inspection found: ImageFacts before they are turned into JSON.
struct InspectAnswer {
  ImageFacts facts;  // without exif_json and location_json
  CameraFacts camera;
  std::optional<Location> location;
  std::vector<RenderedFile> renditions;
};

std::string encode_job(const Job& job);
Result<Job> decode_job(std::string_view packet);

std::string encode_hello(const Hello& hello);
Result<Hello> decode_hello(std::string_view packet);

// The answer to job `id`: its payload, or the failure that the file deserves.
std::string encode_answer(std::uint64_t id, const Result<std::string>& answer);
struct Answer {
  std::uint64_t id = 0;
  Result<std::string> result;
};
// Errors: `invalid` for bytes that no worker in its right mind sends.
Result<Answer> decode_answer(std::string_view packet);

std::string encode_inspect_answer(const InspectAnswer& answer);
Result<InspectAnswer> decode_inspect_answer(std::string_view payload);

}  // namespace tintype
