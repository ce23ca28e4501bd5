#include "adapters/aws/list_source.h"

#include <algorithm>

namespace tintype::dynamodb {

// DynamoDB takes one condition on the sort key: the place to go on after becomes a bound, and is
// skipped itself when it is read.
ListSource::ListSource(Partition partition, const SortRange& range, bool forward, Filter filter,
                       const ImageQuery* wanted)
    : partition_(std::move(partition)),
      low_(range.first),
      high_(range.last),
      after_(range.after),
      forward_(forward),
      filter_(filter),
      wanted_(wanted) {
  if (!after_.empty() && forward_) low_ = std::max(low_, after_);
  if (!after_.empty() && !forward_) high_ = high_.empty() ? after_ : std::min(high_, after_);
  exhausted_ = !high_.empty() && low_ > high_;
}

Query ListSource::make_query(std::size_t limit) const {
  Query query{.table = partition_.table, .index = partition_.index};
  query.forward = forward_;
  query.consistent = partition_.consistent;
  query.limit = limit;
  query.start = start_;
  auto& placeholders = query.placeholders;
  query.key_condition =
      placeholders.name(partition_.key) + " = " + placeholders.value(partition_.value);
  const std::string sort = low_.empty() && high_.empty() ? "" : placeholders.name(partition_.sort);
  if (!low_.empty() && !high_.empty())
    query.key_condition += " AND " + sort + " BETWEEN " + placeholders.value(low_) + " AND " +
                           placeholders.value(high_);
  else if (!low_.empty()) query.key_condition += " AND " + sort + " >= " + placeholders.value(low_);
  else if (!high_.empty())
    query.key_condition += " AND " + sort + " <= " + placeholders.value(high_);
  if (filter_) filter_(query, *wanted_);
  return query;
}

Result<void> ListSource::read(Client& client, std::size_t limit) {
  Page page = TRY(client.query(make_query(limit)));
  for (auto& item : page.items) {
    std::string place = text_of(item, partition_.sort);
    if (place == after_) continue;
    rows_.push_back({std::move(place), std::move(item)});
  }
  exhausted_ = !page.last_key.has_value();
  if (page.last_key) read_up_to_ = text_of(*page.last_key, partition_.sort);
  // Without a place there would be no going on, and the rest would be lost.
  if (page.last_key && read_up_to_.empty())
    return internal_error("DynamoDB's position lacks the index's sort key.");
  start_ = std::move(page.last_key);
  return {};
}

Row ListSource::take() {
  Row row = std::move(rows_.front());
  rows_.pop_front();
  return row;
}

}  // namespace tintype::dynamodb
