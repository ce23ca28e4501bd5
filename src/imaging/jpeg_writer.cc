#include "imaging/jpeg_writer.h"

// libjpeg's headers need these two before them.
#include <cstddef>
#include <cstdio>

#include <jpeglib.h>

#include <csetjmp>
#include <cstdlib>

#include "imaging/vips_ptr.h"

namespace tintype {
namespace {

// From here on colours are as fine as brightness.
constexpr int kFullColor = 90;

constexpr std::string_view kExifPrefix("Exif\0\0", 6);
constexpr std::size_t kMostInMarker = 65533;

// ImageMagick's table of quantisation at quality 50, for brightness and colours alike: of the known
// ones it gives the fewest bytes at the same score (docs/PERFORMANCE.md).
constexpr unsigned kQuantisation[64] = {
    16, 16, 16, 18,  25,  37,  56,  85,  16, 17, 20,  27,  34,  40,  53,  75,
    16, 20, 24, 31,  43,  62,  91,  135, 18, 27, 31,  40,  53,  74,  106, 156,
    25, 34, 43, 53,  69,  94,  131, 189, 37, 40, 62,  74,  94,  124, 169, 238,
    56, 53, 91, 106, 131, 169, 226, 311, 85, 75, 135, 156, 189, 238, 311, 418};

}  // namespace

// libjpeg leaves a function with errors by longjmp: between setjmp and the last call of libjpeg
// nothing may be on the stack that wants to be destroyed.
struct JpegWriter::State {
  explicit State(const JpegSettings& s) : settings(s) {
    if (s.exif.empty() || s.exif.size() > kMostInMarker - kExifPrefix.size()) return;
    exif.append(kExifPrefix).append(s.exif);
  }
  ~State() {
    jpeg_destroy_compress(&info);
    std::free(bytes);
  }
  bool start();
  bool write(const std::uint8_t* const* rows, unsigned count);
  bool finish();

  const JpegSettings settings;
  std::string exif;  // as the marker holds it
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  std::jmp_buf back{};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  bool started = false;
  bool failed = false;
};

namespace {

void leave(j_common_ptr info) {
  auto* state = static_cast<std::jmp_buf*>(info->client_data);
  std::longjmp(*state, 1);
}

void say_nothing(j_common_ptr) {}

}  // namespace

bool JpegWriter::State::start() {
  info.err = jpeg_std_error(&errors);
  errors.error_exit = leave;
  errors.output_message = say_nothing;
  if (setjmp(back)) return false;
  info.client_data = &back;
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = settings.width;
  info.image_height = settings.height;
  info.input_components = static_cast<int>(settings.bands);
  info.in_color_space = settings.bands == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  for (int table : {0, 1})
    jpeg_add_quant_table(&info, table, kQuantisation, jpeg_quality_scaling(settings.quality), TRUE);
  if (settings.bands == 3 && settings.quality >= kFullColor)
    info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
  info.optimize_coding = settings.optimize ? TRUE : FALSE;
  jpeg_start_compress(&info, TRUE);
  if (!exif.empty())
    jpeg_write_marker(&info, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(exif.data()),
                      static_cast<unsigned>(exif.size()));
  if (!settings.icc_profile.empty())
    jpeg_write_icc_profile(&info, reinterpret_cast<const JOCTET*>(settings.icc_profile.data()),
                           static_cast<unsigned>(settings.icc_profile.size()));
  return true;
}

bool JpegWriter::State::write(const std::uint8_t* const* rows, unsigned count) {
  if (setjmp(back)) return false;
  // libjpeg takes rows as not const and does not write to them.
  jpeg_write_scanlines(&info, const_cast<std::uint8_t**>(rows), count);
  return true;
}

bool JpegWriter::State::finish() {
  if (setjmp(back)) return false;
  jpeg_finish_compress(&info);
  return true;
}

JpegWriter::JpegWriter(const JpegSettings& settings) : state_(std::make_unique<State>(settings)) {}
JpegWriter::~JpegWriter() = default;

Result<void> JpegWriter::write(const std::uint8_t* const* rows, unsigned count) {
  if (!state_->started) {
    state_->started = true;
    state_->failed = !state_->start();
  }
  if (!state_->failed) state_->failed = !state_->write(rows, count);
  if (state_->failed) return rendering_failure();
  return {};
}

Result<std::string_view> JpegWriter::finish() {
  if (state_->failed || !state_->finish()) return rendering_failure();
  return std::string_view(reinterpret_cast<const char*>(state_->bytes), state_->size);
}

}  // namespace tintype
