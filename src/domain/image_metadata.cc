#include "domain/image_metadata.h"

#include <algorithm>
#include <array>

namespace tintype {
namespace {

constexpr std::array<std::string_view, 5> kStatusNames = {"processing", "active", "failed",
                                                          "deleted", "purging"};
constexpr std::size_t kMaxKeyName = 64;

bool is_safe_in_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

// The filename as the last part of an object key. A long one keeps its end, where the extension is.
std::string key_name(std::string_view filename) {
  if (filename.size() > kMaxKeyName) filename.remove_prefix(filename.size() - kMaxKeyName);
  std::string name(filename);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !is_safe_in_key(c); }, '_');
  if (name.find_first_not_of('.') == std::string::npos) return "image";
  return name;
}

}  // namespace

std::string_view status_name(ImageStatus status) {
  return kStatusNames[static_cast<std::size_t>(status)];
}

std::optional<ImageStatus> parse_status(std::string_view text) {
  for (std::size_t i = 0; i < 4; ++i)
    if (kStatusNames[i] == text) return static_cast<ImageStatus>(i);
  return std::nullopt;
}

std::string_view visibility_name(Visibility visibility) {
  return visibility == Visibility::public_ ? "public" : "private";
}

std::optional<Visibility> parse_visibility(std::string_view text) {
  if (text == "private") return Visibility::private_;
  if (text == "public") return Visibility::public_;
  return std::nullopt;
}

Usage usage_of(const ImageMetadata& image) {
  if (image.status == ImageStatus::failed || image.deleted_from == ImageStatus::failed) return {};
  return {1, image.size};
}

bool is_indexed(const ImageMetadata& image) { return image.status == ImageStatus::active; }

bool may_be_leased(const ImageMetadata& image, Timestamp now) {
  return image.status == ImageStatus::processing &&
         (!image.lease_until || *image.lease_until <= now);
}

std::optional<Timestamp> due_at(const ImageMetadata& image) {
  switch (image.status) {
    case ImageStatus::processing: return image.lease_until ? image.lease_until : image.expires_at;
    case ImageStatus::deleted: return image.purge_at;
    case ImageStatus::purging: return image.updated_at;
    case ImageStatus::active:
    case ImageStatus::failed: return std::nullopt;
  }
  return std::nullopt;
}

std::string incoming_key(ImageId id) { return "incoming/" + id.to_string(); }

std::string original_prefix(const ImageMetadata& image) {
  return "originals/" + image.user_id + "/" + image.image_id.to_string() + "/";
}

std::string original_key(const ImageMetadata& image) {
  return original_prefix(image) + key_name(image.filename);
}

std::string renditions_prefix(ImageId id) { return "renditions/" + id.to_string() + "/"; }

}  // namespace tintype
