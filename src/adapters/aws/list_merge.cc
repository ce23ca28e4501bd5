#include "adapters/aws/list_merge.h"

#include <algorithm>

namespace tintype::dynamodb {
namespace {

class Merger {
 public:
  Merger(Client& client, std::vector<ListSource> sources, bool forward, const MergeLimits& limits)
      : client_(client), sources_(std::move(sources)), forward_(forward), limits_(limits) {
    // Each must be read once before any of them can be left where it is.
    limits_.requests = std::max(limits_.requests, 2 * sources_.size());
  }

  Result<Merged> run() {
    while (true) {
      TRY(fill());
      ListSource* first = nearest();
      const std::string* told = least_told();
      if (!first && !told) return std::move(out_);
      // What a partition has not yet told may lie before everything else.
      if (told && (!first || is_before(*told, first->front().place))) return stop_at(*told);
      if (out_.rows.size() == limits_.rows) return stop_at(out_.rows.back().place);
      take(*first);
    }
  }

 private:
  // Each partition that may have more gets a row to show, while there are requests left.
  Result<void> fill() {
    for (auto& source : sources_)
      while (source.is_empty() && !source.is_exhausted() && requests_ < limits_.requests) {
        TRY(source.read(client_, limits_.part));
        ++requests_;
      }
    return {};
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

  // The place up to which the least advanced partition was read, if one has nothing to show.
  const std::string* least_told() const {
    const std::string* told = nullptr;
    for (const auto& source : sources_)
      if (source.is_empty() && !source.is_exhausted() &&
          (!told || is_before(source.read_up_to(), *told)))
        told = &source.read_up_to();
    return told;
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
