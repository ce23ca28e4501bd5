#include "adapters/aws/list_merge.h"

#include <algorithm>

namespace tintype::dynamodb {
namespace {

class Merger {
 public:
  Merger(Client& client, std::vector<ListSource> sources, bool forward, const MergeLimits& limits)
      : client_(client), sources_(std::move(sources)), forward_(forward), limits_(limits) {
    limits_.requests = std::max(limits_.requests, sources_.size() + 1);
  }

  Result<Merged> run() {
    for (auto& source : sources_)
      if (!source.is_exhausted()) TRY(read(source));
    while (true) {
      ListSource* first = nearest();
      ListSource* behind = least_read();
      if (!first && !behind) return std::move(out_);
      // What a partition has not yet told may lie before everything else.
      if (behind && (!first || is_before(behind->read_up_to(), first->front().place))) {
        if (requests_ >= limits_.requests) return stop_at(behind->read_up_to());
        TRY(read(*behind));
        continue;
      }
      if (out_.rows.size() == limits_.rows && first->front().place != out_.rows.back().place)
        return stop_at(out_.rows.back().place);
      take(*first);
    }
  }

 private:
  Result<void> read(ListSource& source) {
    ++requests_;
    return source.read(client_, limits_.part);
  }

  bool is_before(const std::string& a, const std::string& b) const {
    return forward_ ? a < b : b < a;
  }

  ListSource* nearest() {
    ListSource* best = nullptr;
    for (auto& source : sources_)
      if (!source.is_empty() && (!best || is_before(source.front().place, best->front().place)))
        best = &source;
    return best;
  }

  // The one that was read the least far, among those that have nothing to show but may have more.
  ListSource* least_read() {
    ListSource* least = nullptr;
    for (auto& source : sources_)
      if (source.is_empty() && !source.is_exhausted() &&
          (!least || is_before(source.read_up_to(), least->read_up_to())))
        least = &source;
    return least;
  }

  void take(ListSource& source) {
    Row row = source.take();
    if (out_.rows.empty() || out_.rows.back().place != row.place)
      out_.rows.push_back(std::move(row));
  }

  Result<Merged> stop_at(const std::string& place) {
    out_.next = place;
    return std::move(out_);
  }

  Client& client_;
  std::vector<ListSource> sources_;
  bool forward_;
  MergeLimits limits_;
  std::size_t requests_ = 0;
  Merged out_;
};

}  // namespace

Result<Merged> merge(Client& client, std::vector<ListSource> sources, bool forward,
                     const MergeLimits& limits) {
  return Merger(client, std::move(sources), forward, limits).run();
}

}  // namespace tintype::dynamodb
