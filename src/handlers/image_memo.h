// ImageMemo: the JSON of recently listed images, so that a page that many ask for is put together
// from ready pieces.
//
// A piece is kept under the image's id and revision; a revision's content never changes, so a piece
// is right or not found. Threading: any thread.
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "handlers/image_json.h"

namespace tintype {

class ImageMemo {
 public:
  // Holds about `max_bytes` of text; 0 turns it off.
  explicit ImageMemo(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Appends what append_image would. `view` must show all fields and no location, and be the same
  // at every call.
  void append(std::string& out, const ImageMetadata& image, const ImageView& view);

 private:
  struct Entry {
    std::int64_t revision = 0;
    std::string json;
    std::list<ImageId>::iterator age;
  };

  bool append_known(std::string& out, const ImageMetadata& image);
  void keep(const ImageMetadata& image, std::string_view json);
  void forget(const ImageId& id);

  const std::size_t max_bytes_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;    // guarded by mutex_, as all below
  std::list<ImageId> ages_;  // most recently used first
  std::unordered_map<ImageId, Entry> entries_;
};

}  // namespace tintype
