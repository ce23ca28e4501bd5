// Renditions: what the making of renditions remembers between requests. The use case itself is in
// render_image.h.
#pragma once

#include <atomic>

#include "services/rendition_cache.h"
#include "services/rendition_content.h"
#include "services/rendition_counts.h"
#include "services/rendition_queue.h"
#include "services/service_context.h"
#include "services/single_flight.h"

namespace tintype {

inline constexpr std::size_t kCountedImages = 65'536;
inline constexpr std::size_t kMaxUpgradesWaiting = 256;

// Threading: every member is safe from any thread. It must not outlive the context that its jobs
// work on.
struct Renditions {
  explicit Renditions(const RenditionPolicy& policy)
      : memory(policy.memory_cache), counts(kCountedImages), upgrades(kMaxUpgradesWaiting) {}

  RenditionCache memory;
  RenditionCounts counts;
  std::atomic<std::uint32_t> under_way{0};  // requests that make a picture or wait for one
  SingleFlight<RenditionContent> flights;
  RenditionQueue upgrades;  // the last member: its thread works with the others
};

}  // namespace tintype
