#include "handlers/image_memo.h"

namespace tintype {
namespace {

constexpr std::size_t kOverhead = 192;  // bytes of an entry beside its text

}  // namespace

void ImageMemo::append(std::string& out, const ImageMetadata& image, const ImageView& view) {
  if (append_known(out, image)) return;
  const std::size_t start = out.size();
  append_image(out, image, view);
  if (max_bytes_ > 0) keep(image, std::string_view(out).substr(start));
}

bool ImageMemo::append_known(std::string& out, const ImageMetadata& image) {
  std::lock_guard lock(mutex_);
  const auto it = entries_.find(image.image_id);
  if (it == entries_.end() || it->second.revision != image.revision) return false;
  ages_.splice(ages_.begin(), ages_, it->second.age);
  out += it->second.json;
  return true;
}

void ImageMemo::keep(const ImageMetadata& image, std::string_view json) {
  std::lock_guard lock(mutex_);
  forget(image.image_id);
  ages_.push_front(image.image_id);
  entries_[image.image_id] = {image.revision, std::string(json), ages_.begin()};
  bytes_ += json.size() + kOverhead;
  while (bytes_ > max_bytes_ && !ages_.empty()) {
    const ImageId oldest = ages_.back();
    forget(oldest);
  }
}

void ImageMemo::forget(const ImageId& id) {
  const auto it = entries_.find(id);
  if (it == entries_.end()) return;
  bytes_ -= it->second.json.size() + kOverhead;
  ages_.erase(it->second.age);
  entries_.erase(it);
}

}  // namespace tintype
