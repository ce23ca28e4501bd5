#include "base/clock.h"

#include <array>
#include <charconv>
#include <optional>

namespace tintype {
namespace {

using namespace std::chrono;

constexpr Timestamp kFirst = sys_days(year(0) / 1 / 1);
constexpr Timestamp kEnd = sys_days(year(10000) / 1 / 1);

struct Parts {
  year_month_day date;
  hh_mm_ss<milliseconds> time;
};

Parts split(Timestamp t) {
  auto day = floor<days>(t);
  return {year_month_day(day), hh_mm_ss<milliseconds>(t - day)};
}

void put_digits(char* at, unsigned value, int width) {
  for (int i = width - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

void put_date(char* at, year_month_day d, bool dashes) {
  put_digits(at, static_cast<unsigned>(static_cast<int>(d.year())), 4);
  at += 4;
  if (dashes) *at++ = '-';
  put_digits(at, static_cast<unsigned>(d.month()), 2);
  at += 2;
  if (dashes) *at++ = '-';
  put_digits(at, static_cast<unsigned>(d.day()), 2);
}

Error bad_time(std::string_view text) {
  return invalid_error("invalid_time", "\"" + std::string(text.substr(0, 40)) +
                                           "\" is not a valid ISO 8601 date or time.");
}

// Reads exactly `width` digits and removes them from `text`.
std::optional<int> take_number(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take_char(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// RFC 3339 §5.6 lets the letters T and Z be lower case.
bool take_letter(std::string_view& text, char upper) {
  return take_char(text, upper) || take_char(text, static_cast<char>(upper | 0x20));
}

std::optional<sys_days> take_date(std::string_view& text, bool dashes) {
  auto y = take_number(text, 4);
  if (!y || (dashes && !take_char(text, '-'))) return std::nullopt;
  auto m = take_number(text, 2);
  if (!m || (dashes && !take_char(text, '-'))) return std::nullopt;
  auto d = take_number(text, 2);
  if (!d) return std::nullopt;
  year_month_day date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  return sys_days(date);
}

std::optional<seconds> take_clock(std::string_view& text, bool colons) {
  auto h = take_number(text, 2);
  if (!h || (colons && !take_char(text, ':'))) return std::nullopt;
  auto m = take_number(text, 2);
  if (!m || (colons && !take_char(text, ':'))) return std::nullopt;
  auto s = take_number(text, 2);
  if (!s || *h > 23 || *m > 59 || *s > 59) return std::nullopt;
  return hours(*h) + minutes(*m) + seconds(*s);
}

std::optional<milliseconds> take_fraction(std::string_view& text) {
  if (text.empty() || text.front() != '.') return milliseconds(0);
  text.remove_prefix(1);
  int value = 0;
  int scale = 100;
  std::size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    value += (text.front() - '0') * scale;
    scale /= 10;
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  return milliseconds(value);
}

// The offset from UTC: `Z`, or a sign and hh:mm.
std::optional<minutes> take_offset(std::string_view& text) {
  if (take_letter(text, 'Z')) return minutes(0);
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  auto h = take_number(text, 2);
  if (!h || !take_char(text, ':')) return std::nullopt;
  auto m = take_number(text, 2);
  if (!m || *h > 23 || *m > 59) return std::nullopt;
  return minutes(sign * (*h * 60 + *m));
}

}  // namespace

Timestamp SystemClock::now() const { return floor<milliseconds>(system_clock::now()); }

void append_rfc3339(std::string& out, Timestamp t) {
  Parts p = split(t);
  char text[] = "0000-00-00T00:00:00.000Z";
  put_date(text, p.date, true);
  put_digits(text + 11, static_cast<unsigned>(p.time.hours().count()), 2);
  put_digits(text + 14, static_cast<unsigned>(p.time.minutes().count()), 2);
  put_digits(text + 17, static_cast<unsigned>(p.time.seconds().count()), 2);
  put_digits(text + 20, static_cast<unsigned>(p.time.subseconds().count()), 3);
  out.append(text, 24);
}

std::string format_rfc3339(Timestamp t) {
  std::string out;
  append_rfc3339(out, t);
  return out;
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  std::string_view rest = text;
  auto date = take_date(rest, true);
  if (!date || !take_letter(rest, 'T')) return bad_time(text);
  auto clock = take_clock(rest, true);
  if (!clock) return bad_time(text);
  auto fraction = take_fraction(rest);
  if (!fraction) return bad_time(text);
  auto offset = take_offset(rest);
  if (!offset || !rest.empty()) return bad_time(text);
  Timestamp t = *date + *clock + *fraction - *offset;
  // An offset can carry a time over the edge of what format_rfc3339 can write.
  if (t < kFirst || t >= kEnd) return bad_time(text);
  return t;
}

Result<Timestamp> parse_date(std::string_view text) {
  std::string_view rest = text;
  auto date = take_date(rest, true);
  if (!date || !rest.empty()) return bad_time(text);
  return Timestamp(*date);
}

namespace {

constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string format_http_date(Timestamp t) {
  Parts p = split(t);
  std::string iso = format_rfc3339(t);
  auto weekday_index = weekday(sys_days(p.date)).c_encoding();
  auto month_index = static_cast<unsigned>(p.date.month()) - 1;
  return std::string(kDays[weekday_index]) + ", " + iso.substr(8, 2) + " " + kMonths[month_index] +
         " " + iso.substr(0, 4) + " " + iso.substr(11, 8) + " GMT";
}

Result<Timestamp> parse_http_date(std::string_view text) {
  if (text.size() != 29) return bad_time(text);
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  if (month == kMonths.end()) return bad_time(text);
  char number[] = "00";
  put_digits(number, static_cast<unsigned>(month - kMonths.begin() + 1), 2);
  std::string iso(text.substr(12, 4));
  iso.append("-").append(number, 2).append("-").append(text.substr(5, 2));
  iso.append("T").append(text.substr(17, 8)).append("Z");
  const auto time = TRY(parse_rfc3339(iso));
  if (format_http_date(time) != text) return bad_time(text);
  return time;
}

std::string format_amz_date(Timestamp t) {
  Parts p = split(t);
  char text[] = "00000000T000000Z";
  put_date(text, p.date, false);
  put_digits(text + 9, static_cast<unsigned>(p.time.hours().count()), 2);
  put_digits(text + 11, static_cast<unsigned>(p.time.minutes().count()), 2);
  put_digits(text + 13, static_cast<unsigned>(p.time.seconds().count()), 2);
  return std::string(text, 16);
}

Result<Timestamp> parse_amz_date(std::string_view text) {
  std::string_view rest = text;
  auto date = take_date(rest, false);
  if (!date || !take_char(rest, 'T')) return bad_time(text);
  auto clock = take_clock(rest, false);
  if (!clock || rest != "Z") return bad_time(text);
  return Timestamp(*date + *clock);
}

}  // namespace tintype
