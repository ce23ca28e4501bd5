// RenditionMemo: what requests for renditions came to, so that the next one like it need not be
// parsed and planned again.
//
// A plan follows from the request and one revision of the image; whether the caller may have the
// image is asked for every request. Threading: any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "domain/image_id.h"
#include "handlers/http.h"
#include "services/render_image.h"

namespace tintype {

// What the query asks for.
struct RenditionAsk {
  RenditionSpec spec;
  std::optional<std::int64_t> wanted_revision;  // `v`
  bool attachment = false;
  std::optional<std::int64_t> expires;  // of a signed link
  std::string signature;
};

struct KnownRendition {
  RenditionAsk ask;
  ImageId image_id;
  std::int64_t revision = 0;  // of the image that was planned for
  RenditionPlan plan;
};

class RenditionMemo {
 public:
  // The part of a request that says which rendition of which image it is about. Empty when it is
  // too long to be remembered.
  static std::string key_of(const Request& request);

  // Null when it is not there.
  std::shared_ptr<const KnownRendition> find(const std::string& key) const;
  void keep(const std::string& key, std::shared_ptr<const KnownRendition> known);

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const KnownRendition>> known_;
};

}  // namespace tintype
