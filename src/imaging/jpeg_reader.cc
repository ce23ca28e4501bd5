#include "imaging/jpeg_reader.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <jpeglib.h>
// Names what jpeglib.h has configured.
#include <jerror.h>

#include "imaging/failures.h"

namespace tintype {
namespace {

constexpr int kRowsAtOnce = 8;
constexpr unsigned kMaxMarker = 0xFFFF;
// Encoders make about ten. Each may cost a walk over the whole picture and weigh a few bytes.
constexpr int kMaxScans = 100;
constexpr std::string_view kExifPrefix("Exif\0\0", 6);

// libjpeg leaves a function with errors by longjmp: between setjmp and the last call of libjpeg
// nothing may be on the stack that wants to be destroyed. `Decoder` lives outside of that.
struct Decoder {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf back{};
  bool ended_early = false;
  bool is_damaged = false;
  bool no_memory = false;
  std::vector<JSAMPLE> pixels;
  JSAMPROW rows[kRowsAtOnce] = {};

  Decoder();
  ~Decoder() { jpeg_destroy_decompress(&info); }
  Decoder(const Decoder&) = delete;
  bool start(std::string_view file);
  bool begin_rows(const JpegDecoding& how);
  // The number of rows read, 0 at an error.
  unsigned next_rows();
  bool finish();
  Error failure() const { return no_memory ? decoder_out_of_memory() : damaged_image(); }
  // Of what has been read: an error where pixels were made up.
  Result<void> check() const;
};

Decoder& of(j_common_ptr info) { return *static_cast<Decoder*>(info->client_data); }

void leave(j_common_ptr info) {
  of(info).no_memory = info->err->msg_code == JERR_OUT_OF_MEMORY;
  std::longjmp(of(info).back, 1);
}

// Where codes are missing or make no sense, the decoder goes on with pixels of its own. Odd bytes
// that it gets over without are no error.
void note_warning(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF: of(info).ended_early = true; break;
    case JWRN_HIT_MARKER:  // a marker before the last code
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE: of(info).is_damaged = true; break;
    default: break;
  }
}

void say_nothing(j_common_ptr) {}

void count_scans(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMaxScans) leave(info);
}

Decoder::Decoder() {
  info.err = jpeg_std_error(&errors);
  info.client_data = this;
  errors.error_exit = leave;
  errors.emit_message = note_warning;
  errors.output_message = say_nothing;
  progress.progress_monitor = count_scans;
}

bool Decoder::start(std::string_view file) {
  if (setjmp(back)) return false;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_save_markers(&info, JPEG_APP0 + 1, kMaxMarker);
  jpeg_save_markers(&info, JPEG_APP0 + 2, kMaxMarker);
  return jpeg_read_header(&info, TRUE) == JPEG_HEADER_OK;
}

bool Decoder::begin_rows(const JpegDecoding& how) {
  if (setjmp(back)) return false;
  info.progress = &progress;
  info.scale_num = 8 / how.shrink;
  info.scale_denom = 8;
  if (how.quick) info.dct_method = JDCT_IFAST;
  info.out_color_space = info.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  return jpeg_start_decompress(&info) != FALSE;
}

unsigned Decoder::next_rows() {
  if (setjmp(back)) return 0;
  return jpeg_read_scanlines(&info, rows, kRowsAtOnce);
}

bool Decoder::finish() {
  if (setjmp(back)) return false;
  return jpeg_finish_decompress(&info) != FALSE;
}

Result<void> Decoder::check() const {
  if (ended_early) return truncated_image();
  if (is_damaged) return damaged_image();
  return {};
}

std::string read_profile(Decoder& decoder) {
  JOCTET* bytes = nullptr;
  unsigned size = 0;
  if (setjmp(decoder.back) || !jpeg_read_icc_profile(&decoder.info, &bytes, &size)) return {};
  std::string profile(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return profile;
}

std::string find_exif(const jpeg_decompress_struct& info) {
  for (auto* marker = info.marker_list; marker; marker = marker->next) {
    std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (marker->marker == JPEG_APP0 + 1 && data.starts_with(kExifPrefix)) return std::string(data);
  }
  return {};
}

}  // namespace

Result<JpegLayout> read_jpeg_layout(std::string_view file) {
  Decoder decoder;
  if (!decoder.start(file)) return decoder.failure();
  JpegLayout layout;
  layout.facts.width = decoder.info.image_width;
  layout.facts.height = decoder.info.image_height;
  layout.bands = static_cast<std::uint32_t>(decoder.info.num_components);
  layout.facts.icc_profile = read_profile(decoder);
  layout.facts.exif = find_exif(decoder.info);
  return layout;
}

std::uint32_t jpeg_shrunk(std::uint32_t side, std::uint32_t shrink) {
  return (side + shrink - 1) / shrink;
}

Result<void> read_jpeg_rows(std::string_view file, const JpegDecoding& how,
                            const RowConsumer& consume) {
  Decoder decoder;
  if (!decoder.start(file) || !decoder.begin_rows(how)) return decoder.failure();
  const auto& info = decoder.info;
  const std::size_t stride = std::size_t{info.output_width} * info.output_components;
  decoder.pixels.resize(stride * kRowsAtOnce);
  for (int i = 0; i < kRowsAtOnce; ++i) decoder.rows[i] = decoder.pixels.data() + i * stride;
  while (info.output_scanline < info.output_height) {
    const unsigned count = decoder.next_rows();
    TRY(decoder.check());
    if (count == 0) return decoder.failure();
    for (unsigned i = 0; i < count; ++i) consume(decoder.rows[i]);
  }
  if (!decoder.finish()) return decoder.failure();
  return decoder.check();
}

}  // namespace tintype
