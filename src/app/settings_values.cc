#include "app/settings_values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/encoding.h"

namespace tintype {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr Unit kSizeUnits[] = {
    {"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}, {"B", 1}, {"", 1}};
constexpr Unit kTimeUnits[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};

Error wrong(std::string detail) { return invalid_error("invalid_setting", std::move(detail)); }

// The offending text, shortened, and without what would garble a terminal.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text.substr(0, 80)) out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  return out + (text.size() > 80 ? "...\"" : "\"");
}

Error not_a(std::string_view text, const Setting& setting) {
  return wrong(quoted(text) + " is not " + describe_type(setting) + "; for example " +
               std::string(setting.example));
}

// Digits and a unit; nothing when it is neither or does not fit into 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.size() > 1 && unit.front() == ' ') unit.remove_prefix(1);
  auto found = std::ranges::find(units, unit, &Unit::name);
  std::uint64_t value = 0;
  if (found == units.end() || __builtin_mul_overflow(number, found->factor, &value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint64_t> parse_number(std::string_view text, SettingType type) {
  static constexpr Unit kNone[] = {{"", 1}};
  if (type == SettingType::size) return parse_number(text, kSizeUnits);
  if (type == SettingType::integer) return parse_number(text, kNone);
  if (text == "0") return 0;
  return parse_number(text, kTimeUnits);
}

// The largest unit of which the number is a multiple; a time is not written as a single unit ("24h"
// rather than "1d", "60s" rather than "1m").
std::string format_number(std::uint64_t value, SettingType type) {
  if (type == SettingType::integer || value == 0) return std::to_string(value);
  bool time = type == SettingType::duration;
  auto units = time ? std::span<const Unit>(kTimeUnits) : std::span<const Unit>(kSizeUnits);
  auto fits = [&](const Unit& u) {
    return value % u.factor == 0 && value / u.factor > (time && u.factor > 1000 ? 1 : 0);
  };
  auto unit = std::ranges::find_if(units, fits);
  auto name = unit->name == "B" ? std::string_view() : unit->name;
  return std::to_string(value / unit->factor) + std::string(name);
}

Result<std::uint64_t> bounded_number(std::string_view text, const Setting& setting) {
  auto value = parse_number(text, setting.type);
  if (!value) return not_a(text, setting);
  if (*value < setting.min) {
    return wrong(quoted(text) + " is less than the least, " +
                 format_number(setting.min, setting.type));
  }
  if (*value > setting.max) {
    return wrong(quoted(text) + " is more than the most, " +
                 format_number(setting.max, setting.type));
  }
  return *value;
}

Result<ListenAddress> parse_address(std::string_view text, const Setting& setting) {
  auto colon = text.rfind(':');
  if (colon == text.npos) return not_a(text, setting);
  std::uint16_t port = 0;
  auto digits = text.substr(colon + 1);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return not_a(text, setting);
  std::string host(text.substr(0, colon));
  if (host == "localhost") host = "127.0.0.1";
  unsigned char bytes[16];
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (inet_pton(AF_INET6, host.c_str(), bytes) != 1) return not_a(text, setting);
  } else if (inet_pton(AF_INET, host.c_str(), bytes) != 1) {
    return not_a(text, setting);
  }
  return ListenAddress{std::move(host), port};
}

bool is_plain_text(std::string_view text) {
  return is_valid_utf8(text) &&
         std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

Result<std::string> parse_text(std::string_view text, const Setting& setting) {
  if (!is_plain_text(text)) return not_a(text, setting);
  if (text.size() < setting.min || text.size() > setting.max) {
    return wrong(quoted(text) + " is not between " + std::to_string(setting.min) + " and " +
                 std::to_string(setting.max) + " bytes long");
  }
  return std::string(text);
}

Result<std::string> parse_url(std::string_view text, const Setting& setting) {
  if (text.empty()) return std::string();
  auto rest = text;
  if (rest.starts_with("http://")) rest.remove_prefix(7);
  else if (rest.starts_with("https://")) rest.remove_prefix(8);
  else return not_a(text, setting);
  bool odd = rest.empty() || rest.front() == '/' || !is_plain_text(text) ||
             rest.find_first_of("?#@ \\\"<>") != rest.npos;
  if (odd) return not_a(text, setting);
  while (text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

Result<bool> parse_boolean(std::string_view text, const Setting& setting) {
  if (text == "true") return true;
  if (text == "false") return false;
  return not_a(text, setting);
}

Result<std::vector<std::string>> parse_list(std::string_view text, const Setting& setting) {
  std::vector<std::string> out;
  if (!is_plain_text(text)) return not_a(text, setting);
  while (!text.empty()) {
    auto item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item.empty()) return wrong("it has an empty word between its commas");
    out.emplace_back(item);
  }
  return out;
}

Result<std::size_t> parse_word(std::string_view text, const Setting& setting) {
  auto found = std::ranges::find(setting.words, text);
  if (found == setting.words.end()) return not_a(text, setting);
  return static_cast<std::size_t>(found - setting.words.begin());
}

// The value for each type of member.
struct Setter {
  std::string_view text;
  const Setting& setting;

  Result<void> operator()(std::string& member) const {
    bool url = setting.type == SettingType::url;
    member = TRY(url ? parse_url(text, setting) : parse_text(text, setting));
    return {};
  }
  Result<void> operator()(bool& member) const {
    member = TRY(parse_boolean(text, setting));
    return {};
  }
  template <std::unsigned_integral T>
  Result<void> operator()(T& member) const {
    member = static_cast<T>(TRY(bounded_number(text, setting)));
    return {};
  }
  Result<void> operator()(milliseconds& member) const {
    member = milliseconds(TRY(bounded_number(text, setting)));
    return {};
  }
  Result<void> operator()(ListenAddress& member) const {
    member = TRY(parse_address(text, setting));
    return {};
  }
  Result<void> operator()(std::vector<std::string>& member) const {
    member = TRY(parse_list(text, setting));
    return {};
  }
  template <typename T>
  requires std::is_enum_v<T> Result<void>
  operator()(T& member) const {
    member = static_cast<T>(TRY(parse_word(text, setting)));
    return {};
  }
};

struct Formatter {
  const Setting& setting;

  std::string operator()(const std::string& member) const { return member; }
  std::string operator()(bool member) const { return member ? "true" : "false"; }
  template <std::unsigned_integral T>
  std::string operator()(T member) const {
    return format_number(member, setting.type);
  }
  std::string operator()(milliseconds member) const {
    return format_number(static_cast<std::uint64_t>(member.count()), setting.type);
  }
  std::string operator()(const ListenAddress& member) const { return to_string(member); }
  std::string operator()(const std::vector<std::string>& member) const {
    std::string out;
    for (const auto& item : member) out += (out.empty() ? "" : ",") + item;
    return out;
  }
  template <typename T>
  requires std::is_enum_v<T> std::string operator()(T member) const {
    return std::string(setting.words[static_cast<std::size_t>(member)]);
  }
};

std::string joined_words(std::span<const std::string_view> words) {
  std::string out;
  for (auto word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

}  // namespace

Result<void> set_value(Settings& settings, const Setting& setting, std::string_view text) {
  return std::visit(
      [&](auto field) {
        return Setter{text, setting}(field(settings));
      },
      setting.field);
}

std::string format_value(const Settings& settings, const Setting& setting) {
  // Fields are found in mutable settings; nothing is changed.
  auto& mutable_settings = const_cast<Settings&>(settings);
  return std::visit(
      [&](auto field) { return Formatter{setting}(std::as_const(field(mutable_settings))); },
      setting.field);
}

std::string describe_type(const Setting& setting) {
  switch (setting.type) {
    case SettingType::text: return "a text";
    case SettingType::url: return "an http:// or https:// URL without a query";
    case SettingType::boolean: return "true or false";
    case SettingType::integer: return "a whole number";
    case SettingType::size: return "a size (a number of bytes, or one with KiB, MiB or GiB)";
    case SettingType::duration: return "a duration (a number with ms, s, m, h or d)";
    case SettingType::address: return "an address and port (ADDRESS:PORT or [IPV6]:PORT)";
    case SettingType::word: return "one of " + joined_words(setting.words);
    case SettingType::list: return "a list (words separated by commas)";
  }
  return {};
}

}  // namespace tintype
