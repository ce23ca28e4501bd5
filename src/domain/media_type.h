// The image types that Tintype accepts, their names, extensions and signatures.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tintype {

enum class MediaType : std::uint8_t { jpeg, png, webp, gif, avif, heic, heif };

// `image/jpeg`, ...
std::string_view media_type_name(MediaType type);
// `.jpg`, ...
std::string_view file_extension(MediaType type);
// Reads a Content-Type value: case-insensitive, parameters ignored; nothing for other types.
std::optional<MediaType> parse_media_type(std::string_view text);

// What the first bytes say the file is (WHATWG MIME Sniffing §6.1; ISO BMFF brands for AVIF and
// HEIF), or nothing. 32 bytes are enough for every type but a BMFF file with many brands. The
// extension and the declared type play no part.
std::optional<MediaType> sniff_media_type(std::string_view first_bytes);

// The name, with its article, of an image or document format that Tintype knows but does not accept
// (TIFF, BMP, SVG, PDF, ...), or nothing. Looks at 512 bytes at most.
std::optional<std::string_view> sniff_unsupported(std::string_view first_bytes);

}  // namespace tintype
