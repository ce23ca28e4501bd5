#include "imaging/heif_library.h"

#include <dlfcn.h>

#include <memory>
#include <string>

#include "imaging/failures.h"
#include "imaging/image_header.h"
#include "imaging/nclx_color.h"

namespace tintype {
namespace {

// The declarations that are used here, of libheif's stable C interface (version 1.13 and later).
// They are repeated because two versions of heif.h may be on the include path, neither the right
// one.
struct heif_context;
struct heif_image_handle;
struct heif_image;
struct heif_error {
  int code;
  int subcode;
  const char* message;
};

constexpr int kColorspaceRgb = 1;
constexpr int kChannelInterleaved = 10;
constexpr int kChromaInterleavedRgb = 10;
constexpr int kChromaInterleavedRgba = 11;
constexpr int kCompressionHevc = 1;
constexpr int kMemoryAllocationError = 6;
constexpr std::size_t kMaxMetadataBytes = 4 * 1024 * 1024;

}  // namespace

struct HeifLibrary::Functions {
  heif_error (*init)(void*);
  int (*have_decoder_for_format)(int);
  heif_context* (*context_alloc)();
  void (*context_free)(heif_context*);
  heif_error (*read_from_memory)(heif_context*, const void*, std::size_t, const void*);
  void (*set_max_decoding_threads)(heif_context*, int);
  heif_error (*get_primary_image_handle)(heif_context*, heif_image_handle**);
  void (*handle_release)(const heif_image_handle*);
  int (*handle_get_width)(const heif_image_handle*);
  int (*handle_get_height)(const heif_image_handle*);
  int (*handle_has_alpha)(const heif_image_handle*);
  int (*metadata_ids)(const heif_image_handle*, const char*, std::uint32_t*, int);
  std::size_t (*metadata_size)(const heif_image_handle*, std::uint32_t);
  heif_error (*metadata)(const heif_image_handle*, std::uint32_t, void*);
  std::size_t (*profile_size)(const heif_image_handle*);
  heif_error (*profile)(const heif_image_handle*, void*);
  heif_error (*decode_image)(const heif_image_handle*, heif_image**, int, int, const void*);
  void (*image_release)(const heif_image*);
  int (*image_get_width)(const heif_image*, int);
  int (*image_get_height)(const heif_image*, int);
  const std::uint8_t* (*image_get_plane)(const heif_image*, int, int*);
};

namespace {

using Functions = HeifLibrary::Functions;

template <typename F>
bool find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, Functions& f) {
  return find(library, "heif_init", f.init) &&
         find(library, "heif_have_decoder_for_format", f.have_decoder_for_format) &&
         find(library, "heif_context_alloc", f.context_alloc) &&
         find(library, "heif_context_free", f.context_free) &&
         find(library, "heif_context_read_from_memory_without_copy", f.read_from_memory) &&
         find(library, "heif_context_set_max_decoding_threads", f.set_max_decoding_threads) &&
         find(library, "heif_context_get_primary_image_handle", f.get_primary_image_handle) &&
         find(library, "heif_image_handle_release", f.handle_release) &&
         find(library, "heif_image_handle_get_width", f.handle_get_width) &&
         find(library, "heif_image_handle_get_height", f.handle_get_height) &&
         find(library, "heif_image_handle_has_alpha_channel", f.handle_has_alpha) &&
         find(library, "heif_image_handle_get_list_of_metadata_block_IDs", f.metadata_ids) &&
         find(library, "heif_image_handle_get_metadata_size", f.metadata_size) &&
         find(library, "heif_image_handle_get_metadata", f.metadata) &&
         find(library, "heif_image_handle_get_raw_color_profile_size", f.profile_size) &&
         find(library, "heif_image_handle_get_raw_color_profile", f.profile) &&
         find(library, "heif_decode_image", f.decode_image) &&
         find(library, "heif_image_release", f.image_release) &&
         find(library, "heif_image_get_width", f.image_get_width) &&
         find(library, "heif_image_get_height", f.image_get_height) &&
         find(library, "heif_image_get_plane_readonly", f.image_get_plane);
}

std::string read_profile(const Functions& f, const heif_image_handle* handle) {
  std::size_t size = f.profile_size(handle);
  if (size == 0 || size > kMaxMetadataBytes) return {};
  std::string bytes(size, '\0');
  return f.profile(handle, bytes.data()).code == 0 ? bytes : "";
}

Error failure_of(const heif_error& error) {
  return error.code == kMemoryAllocationError ? decoder_out_of_memory() : damaged_image();
}

// The block starts with the offset of the TIFF structure (ISO/IEC 23008-12 Annex A).
std::string read_exif(const Functions& f, const heif_image_handle* handle) {
  std::uint32_t id = 0;
  if (f.metadata_ids(handle, "Exif", &id, 1) != 1) return {};
  std::size_t size = f.metadata_size(handle, id);
  if (size < 4 || size > kMaxMetadataBytes) return {};
  std::string bytes(size, '\0');
  if (f.metadata(handle, id, bytes.data()).code != 0) return {};
  std::size_t offset = 0;
  for (int i = 0; i < 4; ++i) offset = offset << 8 | static_cast<unsigned char>(bytes[i]);
  return offset < size - 4 ? bytes.substr(4 + offset) : "";
}

}  // namespace

std::optional<HeifLibrary> HeifLibrary::load() {
  void* library = dlopen("libheif.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return std::nullopt;
  static Functions functions;
  if (!find_all(library, functions) || functions.init(nullptr).code != 0 ||
      !functions.have_decoder_for_format(kCompressionHevc))
    return std::nullopt;
  return HeifLibrary(&functions);
}

// Members are destroyed in reverse: the picture before its file.
struct HeifPicture::Handles {
  explicit Handles(const Functions& functions)
      : f(functions), context(f.context_alloc(), f.context_free) {}
  const Functions& f;
  std::unique_ptr<heif_context, void (*)(heif_context*)> context;
  std::unique_ptr<heif_image_handle, void (*)(const heif_image_handle*)> primary{nullptr,
                                                                                 f.handle_release};
  bool has_alpha = false;
};

HeifPicture::HeifPicture(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
HeifPicture::HeifPicture(HeifPicture&&) noexcept = default;
HeifPicture::~HeifPicture() = default;

Result<void> HeifPicture::read(PixelSize size, const RowConsumer& consume) const {
  const Functions& f = handles_->f;
  heif_image* decoded = nullptr;
  auto error =
      f.decode_image(handles_->primary.get(), &decoded, kColorspaceRgb,
                     handles_->has_alpha ? kChromaInterleavedRgba : kChromaInterleavedRgb, nullptr);
  if (error.code != 0) return failure_of(error);
  std::unique_ptr<heif_image, void (*)(const heif_image*)> image(decoded, f.image_release);
  int stride = 0;
  const std::uint8_t* pixels = f.image_get_plane(decoded, kChannelInterleaved, &stride);
  const int width = f.image_get_width(decoded, kChannelInterleaved);
  const int height = f.image_get_height(decoded, kChannelInterleaved);
  if (!pixels || width != static_cast<int>(size.width) || height != static_cast<int>(size.height) ||
      stride < width * (handles_->has_alpha ? 4 : 3))
    return damaged_image();
  for (int y = 0; y < height; ++y) consume(pixels + static_cast<std::ptrdiff_t>(stride) * y);
  return {};
}

Result<HeifPicture> HeifLibrary::open(std::string_view file, const Limits& limits,
                                      DecodedFacts& facts) const {
  const Functions& f = *functions_;
  auto handles = std::make_unique<HeifPicture::Handles>(f);
  heif_context* context = handles->context.get();
  if (!context) return decoder_out_of_memory();
  f.set_max_decoding_threads(context, 0);
  auto error = f.read_from_memory(context, file.data(), file.size(), nullptr);
  if (error.code != 0) return failure_of(error);
  heif_image_handle* primary = nullptr;
  error = f.get_primary_image_handle(context, &primary);
  if (error.code != 0) return failure_of(error);
  handles->primary.reset(primary);
  facts.width = static_cast<std::uint32_t>(std::max(0, f.handle_get_width(primary)));
  facts.height = static_cast<std::uint32_t>(std::max(0, f.handle_get_height(primary)));
  TRY(check_limits({facts.width, facts.height, 1}, limits));
  facts.has_alpha = handles->has_alpha = f.handle_has_alpha(primary) != 0;
  facts.icc_profile = read_profile(f, primary);
  if (facts.icc_profile.empty()) facts.icc_profile = nclx_profile(file);
  facts.exif = read_exif(f, primary);
  return HeifPicture(std::move(handles));
}

}  // namespace tintype
