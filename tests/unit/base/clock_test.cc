#include "base/clock.h"

#include <gtest/gtest.h>

#include <random>

namespace tintype {
namespace {

Timestamp at_ms(std::int64_t ms) { return Timestamp(milliseconds(ms)); }

constexpr std::int64_t kYear0 = -62167219200000;        // 0000-01-01T00:00:00.000Z
constexpr std::int64_t kYear9999End = 253402300799999;  // 9999-12-31T23:59:59.999Z

TEST(Rfc3339, WritesMilliseconds) {
  EXPECT_EQ(format_rfc3339(at_ms(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(at_ms(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_rfc3339(at_ms(951782400123)), "2000-02-29T00:00:00.123Z");
  EXPECT_EQ(format_rfc3339(at_ms(kYear0)), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(at_ms(kYear9999End)), "9999-12-31T23:59:59.999Z");
}

TEST(Rfc3339, ReadsWhatItWrites) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<std::int64_t> any(kYear0, kYear9999End);
  for (int i = 0; i < 20000; ++i) {
    Timestamp t = at_ms(any(random));
    auto back = parse_rfc3339(format_rfc3339(t));
    ASSERT_TRUE(back.ok()) << format_rfc3339(t);
    ASSERT_EQ(*back, t);
  }
}

TEST(Rfc3339, ReadsFractionsAndOffsets) {
  EXPECT_EQ(*parse_rfc3339("2026-11-22T08:00:00Z"), at_ms(1795334400000));
  EXPECT_EQ(*parse_rfc3339("2026-11-22t08:00:00z"), at_ms(1795334400000));
  EXPECT_EQ(*parse_rfc3339("2026-11-22T08:00:00.5Z"), at_ms(1795334400500));
  EXPECT_EQ(*parse_rfc3339("2026-11-22T08:00:00.123999999999Z"), at_ms(1795334400123));
  EXPECT_EQ(*parse_rfc3339("2026-11-22T09:30:00+01:30"), at_ms(1795334400000));
  EXPECT_EQ(*parse_rfc3339("2026-11-21T23:00:00-09:00"), at_ms(1795334400000));
  EXPECT_EQ(*parse_rfc3339("2026-11-22T08:00:00-00:00"), at_ms(1795334400000));
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (std::string_view text : {"",
                                "2026",
                                "2026-11-22",
                                "2026-11-22T08:00:00",
                                "2026-11-22 08:00:00Z",
                                "2026-13-01T00:00:00Z",
                                "2026-00-01T00:00:00Z",
                                "2026-02-29T00:00:00Z",
                                "2026-11-31T00:00:00Z",
                                "2026-11-22T24:00:00Z",
                                "2026-11-22T08:60:00Z",
                                "2026-11-22T08:00:60Z",
                                "2026-11-22T08:00:00.Z",
                                "2026-11-22T08:00:00+0100",
                                "2026-11-22T08:00:00+24:00",
                                "2026-11-22T08:00:00+01:60",
                                "2026-11-22T08:00:00+1:00",
                                "2026-11-22T08:00:00Zx",
                                "2026-1-22T08:00:00Z",
                                "+026-11-22T08:00:00Z",
                                "2026-11-22T08:00Z",
                                "2026-11-22T0a:00:00Z",
                                "2026/11/22T08:00:00Z",
                                "2026-11",
                                "2026-11-",
                                "2026-11-22T08",
                                "2026-11-22T08:00:",
                                "2026-11-22T08:00:00+",
                                "2026-11-22T08:00:00+aa:00"})
    EXPECT_FALSE(parse_rfc3339(text).ok()) << text;
}

// A separator was once compared with a bit masked out, which let control characters pass for it.
TEST(Rfc3339, RefusesControlCharactersAsSeparators) {
  EXPECT_FALSE(parse_rfc3339("2026\r11\r22T08:00:00Z").ok());
  EXPECT_FALSE(parse_rfc3339("2026-11-22T08\x1A"
                             "00\x1A"
                             "00Z")
                   .ok());
  EXPECT_FALSE(parse_date("2026\r11\r22").ok());
}

TEST(Rfc3339, RefusesWhatAnOffsetCarriesOverTheEdge) {
  EXPECT_FALSE(parse_rfc3339("0000-01-01T00:00:00+00:01").ok());
  EXPECT_FALSE(parse_rfc3339("9999-12-31T23:59:59-00:01").ok());
  EXPECT_TRUE(parse_rfc3339("9999-12-31T23:59:59.999Z").ok());
}

TEST(Rfc3339, NamesABadTimeWithoutRepeatingAllOfIt) {
  auto error = parse_rfc3339(std::string(10000, 'x')).error();
  EXPECT_EQ(error.code, "invalid_time");
  EXPECT_LT(error.detail.size(), 100u);
}

// No single altered character may be read as the same time, letter case apart.
TEST(Rfc3339, AnyAlteredCharacterChangesTheTimeOrIsRefused) {
  const std::string text = "2026-11-22T08:09:10.123Z";
  const Timestamp time = *parse_rfc3339(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string other = text;
      other[i] = static_cast<char>(c);
      bool same_letter = (text[i] == 'T' || text[i] == 'Z') && (c | 0x20) == (text[i] | 0x20);
      if (other == text || same_letter) continue;
      auto result = parse_rfc3339(other);
      ASSERT_TRUE(!result.ok() || *result != time) << i << " " << c;
    }
  }
}

TEST(Date, IsTheFirstMillisecondOfTheDay) {
  EXPECT_EQ(*parse_date("2026-11-22"), at_ms(1795305600000));
  EXPECT_FALSE(parse_date("2026-11-22T").ok());
  EXPECT_FALSE(parse_date("20261122").ok());
  EXPECT_FALSE(parse_date("2026-02-30").ok());
}

TEST(HttpDate, IsImfFixdate) {
  EXPECT_EQ(format_http_date(at_ms(784111777000)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(at_ms(1795334400999)), "Sun, 22 Nov 2026 08:00:00 GMT");
  EXPECT_EQ(format_http_date(at_ms(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(Clock, reads_http_dates_back) {
  EXPECT_EQ(*parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), at_ms(784111777000));
  for (const char* bad : {"", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
                          "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 36 Nov 1994 08:49:37 GMT",
                          "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT "})
    EXPECT_FALSE(parse_http_date(bad).ok()) << bad;
}

TEST(AmzDate, GoesBothWays) {
  EXPECT_EQ(format_amz_date(at_ms(1369353600000)), "20130524T000000Z");
  EXPECT_EQ(*parse_amz_date("20130524T000000Z"), at_ms(1369353600000));
  EXPECT_EQ(format_amz_date(*parse_amz_date("20261122T080910Z")), "20261122T080910Z");
  for (std::string_view text : {"", "20130524", "20130524T000000", "20130524t000000Z",
                                "20130524T000000z", "20130524T000000Z ", "2013-05-24T00:00:00Z",
                                "20130524T240000Z", "20131324T000000Z", "20130524T00000Z"})
    EXPECT_FALSE(parse_amz_date(text).ok()) << text;
}

TEST(SystemClock, IsNowInWholeMilliseconds) {
  auto before = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  auto now = SystemClock().now();
  EXPECT_LE(before, now);
  EXPECT_LT(now - before, seconds(60));
}

TEST(Deadlines, Pass) {
  EXPECT_FALSE(has_passed(deadline_in(seconds(60))));
  EXPECT_TRUE(has_passed(deadline_in(seconds(-1))));
}

}  // namespace
}  // namespace tintype
