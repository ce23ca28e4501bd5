// RenditionSpec: what picture is wanted from an image. Parsed once, canonical, comparable.
//
// Two requests that ask for the same picture have equal specs: what cannot matter is reset to its
// default (a gravity where nothing is cropped or placed, `fit` when only one side is given), a
// device pixel ratio is multiplied into the sides, rotate and flip are one of eight turns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "domain/image_metadata.h"
#include "domain/media_type.h"

namespace tintype {

// How the picture relates to the box of `width` × `height`.
enum class Fit : std::uint8_t {
  inside,   // as large as fits into the box
  cover,    // fills the box, what sticks out is cropped at `gravity`
  contain,  // fits into the box, which is filled up with the background
  fill,     // the box exactly, stretched
  outside,  // as small as covers the box, nothing cropped
};

// Which part of the picture, turned and mirrored, stays (cover), or where it stands (contain).
struct Gravity {
  enum class Kind : std::uint8_t { point, attention, entropy };
  Kind kind = Kind::point;
  std::uint16_t x = 5000;  // ten-thousandths of the way from left to right
  std::uint16_t y = 5000;  // and from top to bottom
  bool operator==(const Gravity&) const = default;
};

struct Color {
  std::uint8_t red = 0, green = 0, blue = 0, alpha = 255;
  bool operator==(const Color&) const = default;
};

inline constexpr std::uint32_t kMaxRenditionSide = 8192;

struct RenditionSpec {
  std::uint32_t width = 0;   // pixels; 0: as the other side says
  std::uint32_t height = 0;  // both 0: the size of the original
  Fit fit = Fit::inside;
  Gravity gravity;
  std::optional<MediaType> format;  // jpeg, webp, avif, png or gif; nothing: chosen per request
  std::uint8_t quality = 0;         // 1-100; 0: the format's default
  // Below transparent parts, and around (contain). Nothing, or an alpha of 0: transparent where the
  // format can be (all but JPEG), else white.
  std::optional<Color> background;
  std::uint16_t blur = 0;     // hundredths of a Gaussian sigma in pixels of the result
  std::uint16_t sharpen = 0;  // hundredths of a sigma
  std::uint16_t rotate = 0;   // 0, 90, 180 or 270 degrees clockwise, before everything else
  bool mirror = false;        // left and right exchanged, after the rotation
  bool grayscale = false;
  bool enlarge = false;          // may be larger than the original
  std::optional<bool> animated;  // nothing: as the original, where the format can
  bool operator==(const RenditionSpec&) const = default;
};

// The parameters of a rendition as they came, decoded: names of the contract and their values.
using RenditionParams = std::vector<std::pair<std::string, std::string>>;

// True for the name of a parameter that describes a rendition (`width`, `fit`, ..., not `v`, not
// `variant`).
bool is_rendition_param(std::string_view name);

// The canonical spec of parameters. A side that `dpr` makes longer than kMaxRenditionSide is an
// error of `dpr`. Errors: `invalid` with one field error per bad parameter: `invalid_value`,
// `duplicate_field`, and `unknown_field` for names that is_rendition_param does not know.
Result<RenditionSpec> parse_rendition(const RenditionParams& params);

// The spec with everything reset that cannot matter, whatever the image. parse_rendition and
// resolve yield nothing else; specs built in code may need it.
RenditionSpec canonical(RenditionSpec spec);

// The canonical parameters of a canonical spec, `fit=cover&height=320&width=320`: only what differs
// from the default, in order of name, percent-encoded. Decoding and parsing it gives the same spec
// again.
std::string rendition_params(const RenditionSpec& spec);

// The default quality of an encoder, 1-100; 100 for PNG and GIF, which have none to choose.
std::uint8_t default_quality(MediaType format);

// A spec in which nothing is left open for this image: format (`chosen` where the spec has none),
// quality (0 for PNG and GIF) and animated are set, and what the format or the image cannot have is
// reset. Specs that come to the same size and cut of this image become equal: a box larger than the
// image is no box, `width=320` and a box of 320 × 320 around a landscape are one. In JPEG, a
// background that shows is set, opaque (mixed with white), whether it was asked for or not.
// Idempotent.
RenditionSpec resolve(const RenditionSpec& spec, MediaType chosen, const ImageFacts& facts);

// Part of every key. Raise it when the renderer makes visibly other pictures of the same specs, so
// that stored renditions, ETags and caches of the old ones are no longer met.
inline constexpr std::string_view kRendererVersion = "1";

// What names the result: 24 URL-safe characters of a hash over the renderer's version, the policy
// and the resolved spec. Equal for equal pictures of one image. `policy` says under which settings
// pictures are made, as far as they change them, e.g. `balanced,keep`.
std::string rendition_key(const RenditionSpec& resolved, std::string_view policy = {});

// The object that a stored rendition is: `renditions/<id>/<key>.<ext>`.
std::string rendition_object(ImageId id, const RenditionSpec& resolved,
                             std::string_view policy = {});

}  // namespace tintype
