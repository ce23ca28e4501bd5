#include "domain/rendition_variants.h"

#include <algorithm>
#include <span>

#include "base/encoding.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::string_view kNoLadder = "none";

Error bad_variant(std::string detail) {
  return invalid_error("invalid_variant", std::move(detail));
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool is_variant_name(std::string_view name) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, allowed) &&
         name != kNoLadder;
}

const NamedRendition* find_named(std::span<const NamedRendition> in, std::string_view name) {
  auto found = std::ranges::find(in, name, &NamedRendition::name);
  return found == in.end() ? nullptr : &*found;
}

Result<RenditionParams> decode_params(std::string_view query) {
  RenditionParams out;
  while (!query.empty()) {
    auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    auto equals = std::min(pair.find('='), pair.size());
    auto name = TRY(percent_decode(pair.substr(0, equals)));
    auto value = TRY(percent_decode(pair.substr(std::min(equals + 1, pair.size()))));
    out.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

// `width must be a whole number from 1 to 8192` of the field error's sentence about "It".
std::string sentence(const FieldError& error) {
  std::string_view detail = error.detail;
  if (detail.starts_with("It ")) detail.remove_prefix(3);
  if (detail.ends_with('.')) detail.remove_suffix(1);
  return error.field + " " + std::string(detail);
}

Result<RenditionSpec> parse_spec(std::string_view query) {
  auto params = TRY(decode_params(query));
  auto spec = parse_rendition(params);
  if (!spec.ok()) return bad_variant(sentence(spec.error().fields.front()));
  return spec;
}

Result<NamedRendition> parse_variant(std::string_view entry) {
  auto question = std::min(entry.find('?'), entry.size());
  auto name = entry.substr(0, question);
  if (!is_variant_name(name)) {
    return bad_variant(
        quoted(entry) +
        " does not begin with a name of 1 to 64 of a-z, 0-9, _ and - (but not none)");
  }
  auto spec = parse_spec(entry.substr(std::min(question + 1, entry.size())));
  if (!spec.ok()) return bad_variant(quoted(entry) + ": " + spec.error().detail);
  return NamedRendition{std::string(name), *spec};
}

}  // namespace

RenditionVariants::RenditionVariants() {
  auto box = [](std::uint32_t side, Fit fit) {
    RenditionSpec spec;
    spec.width = spec.height = side;
    spec.fit = fit;
    return spec;
  };
  all_ = {{"thumb", box(320, Fit::cover)},
          {"feed", box(1080, Fit::inside)},
          {"full", box(2048, Fit::inside)}};
  ladder_ = all_;
}

Result<RenditionVariants> RenditionVariants::parse(const std::vector<std::string>& variants,
                                                   const std::vector<std::string>& ladder) {
  RenditionVariants out;
  TRY(out.set_variants(variants));
  TRY(out.set_ladder(ladder));
  return out;
}

Result<void> RenditionVariants::set_variants(const std::vector<std::string>& entries) {
  all_.clear();
  if (entries.size() > kMaxVariants) return bad_variant("there are more than 64 variants");
  for (const auto& entry : entries) {
    auto variant = TRY(parse_variant(entry));
    if (find(variant.name)) return bad_variant(quoted(variant.name) + " is there twice");
    all_.push_back(std::move(variant));
  }
  return {};
}

Result<void> RenditionVariants::set_ladder(const std::vector<std::string>& names) {
  ladder_.clear();
  if (names.size() == 1 && names.front() == kNoLadder) return {};
  if (names.size() > kMaxLadder) return bad_variant("the ladder has more than 12 variants");
  for (const auto& name : names) {
    auto variant = find(name);
    if (!variant) return bad_variant(quoted(name) + " in the ladder is not the name of a variant");
    if (find_named(ladder_, name)) return bad_variant(quoted(name) + " is in the ladder twice");
    ladder_.push_back(*variant);
  }
  return {};
}

const NamedRendition* RenditionVariants::find(std::string_view name) const {
  return find_named(all_, name);
}

}  // namespace tintype
