#include "adapters/aws/dynamodb_lists.h"

#include <algorithm>
#include <unordered_map>

#include "adapters/aws/image_item.h"
#include "adapters/aws/list_merge.h"
#include "domain/hash_distance.h"

namespace tintype::dynamodb {
namespace {

constexpr std::size_t kFilteredPart = 200;
constexpr std::size_t kMostSimilarRequests = 500;
constexpr std::string_view kBehindEveryPlace = "#~";
constexpr std::string_view kBehindEveryTag = "\xF4\x8F\xBF\xBF";

void add_condition(Query& query, const std::string& condition) {
  query.filter += (query.filter.empty() ? "" : " AND ") + condition;
}

// Those of the tags that the partition does not decide.
void filter_tags(Query& query, const ImageQuery& wanted) {
  if (wanted.tags.empty()) return;
  auto& placeholders = query.placeholders;
  const std::string tags = placeholders.name("tags");
  const std::string_view joint = wanted.tags_match == TagsMatch::all ? " AND " : " OR ";
  std::string condition;
  for (const auto& tag : wanted.tags)
    condition += (condition.empty() ? std::string() : std::string(joint)) + "contains(" + tags +
                 ", " + placeholders.value(tag) + ")";
  add_condition(query, "(" + condition + ")");
}

void filter_facts(Query& query, const ImageQuery& wanted) {
  auto& placeholders = query.placeholders;
  const auto compare = [&](std::string_view name, std::string_view how, Value value) {
    add_condition(
        query, placeholders.name(name) + std::string(how) + placeholders.value(std::move(value)));
  };
  if (wanted.content_type) compare("content_type", " = ", media_type_name(*wanted.content_type));
  if (wanted.min_size) compare("size", " >= ", *wanted.min_size);
  if (wanted.max_size) compare("size", " <= ", *wanted.max_size);
}

void filter_all(Query& query, const ImageQuery& wanted) {
  filter_facts(query, wanted);
  filter_tags(query, wanted);
}

bool filters_rows(const ImageQuery& query) {
  return query.content_type || query.min_size || query.max_size || query.similar_to;
}

SortRange range_of(const ImageQuery& query) {
  SortRange range;
  if (query.start_date) range.first = format_rfc3339(*query.start_date);
  if (query.end_date) range.last = format_rfc3339(*query.end_date) + std::string(kBehindEveryPlace);
  if (query.after) range.after = listed_at(*query.after);
  return range;
}

Result<std::optional<ListPosition>> position_at(const std::string& place) {
  if (place.empty()) return std::optional<ListPosition>();
  return std::optional(TRY(parse_listed_at(place)));
}

// Near enough, going by the row alone.
bool may_be_similar(const Item& row, const SimilarTo& to) {
  const auto hash = parse_perceptual_hash(text_of(row, "perceptual_hash"));
  return hash && to.hash && hash_distance(*hash, *to.hash) <= kSimilarDistance &&
         text_of(row, "image_id") != to.image_id.to_string();
}

std::size_t part_size(std::size_t limit, std::size_t sources, bool filtered) {
  const std::size_t alone = limit + 2;  // one to go on after, and one to see whether there is more
  const std::size_t part = sources > 1 ? alone * 2 / sources + 2 : alone;
  return filtered ? std::max(part, kFilteredPart / std::max<std::size_t>(1, sources)) : part;
}

}  // namespace

// Partitions to merge.
struct ImageLists::Walk {
  std::vector<ListSource> sources;
  bool are_records = false;  // or rows that name records
  bool filtered = false;
};

Result<std::string> ImageLists::rarest_tag(const ImageQuery& query) {
  if (query.tags.size() == 1) return query.tags.front();
  std::vector<Item> keys;
  for (const auto& tag : query.tags) {
    if (query.user_id) keys.push_back(RowKey{user_counts_name(*query.user_id), tag}.item());
    else
      for (std::uint32_t shard = 0; shard < options_.shards; ++shard)
        keys.push_back(RowKey{all_counts_name(shard), tag}.item());
  }
  std::map<std::string, std::int64_t> counts;
  for (const auto& tag : query.tags) counts[tag] = 0;
  for (const auto& row : TRY(client_.batch_get(options_.tables.tags, keys)))
    counts[text_of(row, "listed_at")] += number_of(row, "images").value_or(0);
  return std::ranges::min_element(counts, {}, [](const auto& entry) { return entry.second; })
      ->first;
}

Result<ImageLists::Walk> ImageLists::choose(const ImageQuery& query) {
  Walk walk;
  const bool forward = query.sort == SortOrder::oldest;
  const SortRange range = range_of(query);
  const auto add = [&](Partition partition) {
    walk.sources.emplace_back(std::move(partition), range, forward, filter_all, &query);
  };
  const auto& tables = options_.tables;
  if (query.status == ImageStatus::active && !query.tags.empty()) {
    std::vector<std::string> tags = query.tags;
    if (query.tags_match == TagsMatch::all) tags = {TRY(rarest_tag(query))};
    for (const auto& tag : tags) {
      if (query.user_id)
        add({tables.tags, "", "list", tag_list_name(*query.user_id, tag), "listed_at", true});
      else
        for (std::uint32_t shard = 0; shard < options_.shards; ++shard)
          add({tables.tags, std::string(kTagIndex), "tag_shard", tag_shard(tag, shard)});
    }
    walk.filtered = filters_rows(query) || query.tags.size() > 1;
    return walk;
  }
  walk.are_records = true;
  walk.filtered = filters_rows(query) || !query.tags.empty();
  if (query.user_id)
    add({tables.images, std::string(kUserIndex), "user_status",
         user_status(*query.user_id, query.status)});
  else
    for (std::uint32_t shard = 0; shard < options_.shards; ++shard)
      add({tables.images, std::string(kStatusIndex), "status_shard",
           status_shard(query.status, shard)});
  return walk;
}

Result<ImagePage> ImageLists::page(const ImageQuery& query) {
  if (query.words)
    return Error{ErrorKind::unprocessable,
                 "search_unsupported",
                 "Searching by words is not possible with this store.",
                 {}};
  if (query.similar_to && !query.similar_to->hash) return ImagePage{};
  if (query.similar_to && query.status == ImageStatus::active) return similar(query);
  Walk walk = TRY(choose(query));
  MergeLimits limits{.rows = query.limit};
  limits.part = part_size(query.limit, walk.sources.size(), walk.filtered);
  const bool forward = query.sort == SortOrder::oldest;
  Merged merged = TRY(merge(client_, std::move(walk.sources), forward, limits));
  const auto next = TRY(position_at(merged.next));
  return finish(query, std::move(merged.rows), walk.are_records, next);
}

Result<ImagePage> ImageLists::finish(const ImageQuery& query, std::vector<Row> rows,
                                     bool are_records, std::optional<ListPosition> next) {
  std::unordered_map<std::string, Item> records;
  if (!are_records) {
    std::vector<Item> keys;
    for (const auto& row : rows) keys.push_back({{"image_id", text_of(row.item, "image_id")}});
    for (auto& item : TRY(client_.batch_get(options_.tables.images, keys)))
      records.emplace(text_of(item, "image_id"), std::move(item));
  }
  ImagePage page{{}, next};
  for (const auto& row : rows) {
    const Item* item = &row.item;
    if (!are_records) {
      const auto it = records.find(text_of(row.item, "image_id"));
      if (it == records.end()) continue;
      item = &it->second;
    }
    ImageMetadata image = TRY(to_image(*item));
    if (matches(query, image)) page.images.push_back(std::move(image));
  }
  return page;
}

Result<std::vector<Row>> ImageLists::similar_rows(const ImageQuery& query) {
  std::vector<Row> rows;
  std::size_t requests = 0;
  const auto read_all = [&](const std::string& list) -> Result<void> {
    ListSource source({options_.tables.tags, "", "list", list, "listed_at", true}, range_of(query),
                      query.sort == SortOrder::oldest, filter_all, &query);
    while (!source.is_exhausted()) {
      if (++requests > kMostSimilarRequests)
        return unavailable_error("There are too many images to search for similar ones.");
      TRY(source.read(client_, 0));
      while (!source.is_empty())
        if (Row row = source.take(); may_be_similar(row.item, *query.similar_to))
          rows.push_back(std::move(row));
    }
    return {};
  };
  if (query.user_id) TRY(read_all(user_hashes_name(*query.user_id)));
  else
    for (int band = 0; band < kHashBands; ++band)
      TRY(read_all(band_list_name(*query.similar_to->hash, band)));
  return rows;
}

Result<ImagePage> ImageLists::similar(const ImageQuery& query) {
  auto rows = TRY(similar_rows(query));
  const bool forward = query.sort == SortOrder::oldest;
  std::ranges::sort(rows, [&](const Row& a, const Row& b) {
    return forward ? a.place < b.place : b.place < a.place;
  });
  const auto is_same = [](const Row& a, const Row& b) { return a.place == b.place; };
  rows.erase(std::unique(rows.begin(), rows.end(), is_same), rows.end());
  std::optional<ListPosition> next;
  if (rows.size() > query.limit) {
    rows.resize(query.limit);
    next = TRY(parse_listed_at(rows.back().place));
  }
  return finish(query, std::move(rows), false, next);
}

Result<std::vector<ImageMetadata>> ImageLists::scan(const std::optional<ImageId>& after,
                                                    std::size_t limit) {
  SortRange range;
  if (after) range.after = listed_at({after->created_at(), *after});
  std::vector<ListSource> sources;
  for (auto status : {ImageStatus::processing, ImageStatus::active, ImageStatus::failed,
                      ImageStatus::deleted, ImageStatus::purging})
    for (std::uint32_t shard = 0; shard < options_.shards; ++shard)
      sources.emplace_back(Partition{options_.tables.images, std::string(kStatusIndex),
                                     "status_shard", status_shard(status, shard)},
                           range, true, nullptr, nullptr);
  // An empty answer says that there is no more, so it goes on until it has one.
  MergeLimits limits{.rows = limit, .part = limit * 2 / options_.shards + 2, .requests = 100'000};
  const Merged merged = TRY(merge(client_, std::move(sources), true, limits));
  std::vector<ImageMetadata> images;
  for (const auto& row : merged.rows) images.push_back(TRY(to_image(row.item)));
  return images;
}

Result<std::vector<ImageMetadata>> ImageLists::due(Timestamp now, std::size_t limit) {
  SortRange range;
  range.last = format_rfc3339(now) + std::string(kBehindEveryPlace);
  std::vector<ListSource> sources;
  for (std::uint32_t shard = 0; shard < kDueShards; ++shard)
    sources.emplace_back(Partition{options_.tables.images, std::string(kDueIndex), "due_shard",
                                   due_shard(shard), "due_at"},
                         range, true, nullptr, nullptr);
  const Merged merged =
      TRY(merge(client_, std::move(sources), true, {.rows = limit, .part = limit / 2 + 2}));
  std::vector<ImageMetadata> images;
  for (const auto& row : merged.rows) images.push_back(TRY(to_image(row.item)));
  return images;
}

Result<std::optional<ImageMetadata>> ImageLists::with_content(std::string_view user_id,
                                                              std::string_view sha256_hex) {
  ListSource source(
      {options_.tables.tags, "", "list", content_list_name(user_id, sha256_hex), "listed_at", true},
      {}, true, nullptr, nullptr);
  while (!source.is_exhausted()) {
    TRY(source.read(client_, 5));
    while (!source.is_empty()) {
      const Row row = source.take();
      const auto item =
          TRY(client_.get(options_.tables.images, {{"image_id", text_of(row.item, "image_id")}}));
      if (!item) continue;
      auto image = TRY(to_image(*item));
      if (image.status == ImageStatus::active && image.sha256 == sha256_hex)
        return std::optional(std::move(image));
    }
  }
  return std::optional<ImageMetadata>();
}

Result<std::vector<TagCount>> ImageLists::tag_counts(const TagQuery& query) {
  SortRange range;
  range.first = query.prefix;
  if (!query.prefix.empty()) range.last = query.prefix + std::string(kBehindEveryTag);
  std::vector<std::string> lists;
  if (query.user_id) lists.push_back(user_counts_name(*query.user_id));
  else
    for (std::uint32_t shard = 0; shard < options_.shards; ++shard)
      lists.push_back(all_counts_name(shard));
  std::map<std::string, std::int64_t> counts;
  for (const auto& list : lists) {
    ListSource source({options_.tables.tags, "", "list", list, "listed_at", true}, range, true,
                      nullptr, nullptr);
    while (!source.is_exhausted()) {
      TRY(source.read(client_, 0));
      while (!source.is_empty()) {
        const Row row = source.take();
        counts[row.place] += number_of(row.item, "images").value_or(0);
      }
    }
  }
  std::vector<TagCount> out;
  for (const auto& [tag, count] : counts)
    if (count > 0) out.push_back({tag, static_cast<std::uint64_t>(count)});
  std::ranges::stable_sort(out, std::greater{}, &TagCount::count);
  if (out.size() > query.limit) out.resize(query.limit);
  return out;
}

}  // namespace tintype::dynamodb
