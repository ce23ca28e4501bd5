#include "handlers/rendition_memo.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxKey = 512;
// Of about a kilobyte each. When there are more, all are forgotten: what is asked for often is
// there again at once.
constexpr std::size_t kMaxKnown = 2048;

}  // namespace

std::string RenditionMemo::key_of(const Request& request) {
  const std::string accept = request.joined_headers("accept");
  std::string key;
  if (request.raw_path.size() + request.raw_query.size() + accept.size() > kMaxKey) return key;
  key.reserve(request.raw_path.size() + request.raw_query.size() + accept.size() + 2);
  return key.append(request.raw_path)
      .append("?")
      .append(request.raw_query)
      .append("\n")
      .append(accept);
}

std::shared_ptr<const KnownRendition> RenditionMemo::find(const std::string& key) const {
  if (key.empty()) return nullptr;
  std::lock_guard lock(mutex_);
  const auto found = known_.find(key);
  return found == known_.end() ? nullptr : found->second;
}

void RenditionMemo::keep(const std::string& key, std::shared_ptr<const KnownRendition> known) {
  if (key.empty()) return;
  std::lock_guard lock(mutex_);
  if (known_.size() >= kMaxKnown) known_.clear();
  known_[key] = std::move(known);
}

}  // namespace tintype
