#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/result.h"

namespace tintype {
namespace {

TEST(Errors, EachKindHasItsStatus) {
  const std::pair<ErrorKind, int> statuses[] = {{ErrorKind::invalid, 400},
                                                {ErrorKind::unauthenticated, 401},
                                                {ErrorKind::forbidden, 403},
                                                {ErrorKind::not_found, 404},
                                                {ErrorKind::conflict, 409},
                                                {ErrorKind::gone, 410},
                                                {ErrorKind::stale, 412},
                                                {ErrorKind::too_large, 413},
                                                {ErrorKind::unsupported_media, 415},
                                                {ErrorKind::unprocessable, 422},
                                                {ErrorKind::rate_limited, 429},
                                                {ErrorKind::internal, 500},
                                                {ErrorKind::unavailable, 503},
                                                {ErrorKind::timeout, 504},
                                                {ErrorKind::storage_full, 507}};
  for (auto [kind, status] : statuses) EXPECT_EQ(http_status(kind), status);
  EXPECT_EQ(http_status(static_cast<ErrorKind>(99)), 500);
}

TEST(Errors, MakersSetKindAndCode) {
  EXPECT_TRUE(invalid_error("x", "y").is(ErrorKind::invalid));
  EXPECT_TRUE(invalid_error("x", "y").is("x"));
  EXPECT_TRUE(not_found_error("y").is("not_found"));
  EXPECT_TRUE(stale_error().is("revision_mismatch"));
  EXPECT_TRUE(internal_error("y").is(ErrorKind::internal));
  EXPECT_TRUE(unavailable_error("y").is(ErrorKind::unavailable));
  EXPECT_TRUE(timeout_error("y").is("deadline_exceeded"));
  EXPECT_TRUE(storage_full_error("y").is(ErrorKind::storage_full));
}

TEST(Errors, ValidationNamesTheFieldOrCountsThem) {
  FieldError size{"size", "invalid_size", "too small"};
  FieldError tags{"tags", "invalid_tag", "bad"};
  EXPECT_EQ(validation_error({size}).detail, "size: too small");
  auto both = validation_error({size, tags});
  EXPECT_EQ(both.code, "validation_failed");
  EXPECT_EQ(both.detail, "2 fields are not valid.");
  EXPECT_EQ(both.fields, (std::vector<FieldError>{size, tags}));
}

TEST(Errors, SystemCallsSayWhatToDo) {
  EXPECT_EQ(system_error("write", ENOSPC).kind, ErrorKind::storage_full);
  EXPECT_EQ(system_error("write", EDQUOT).kind, ErrorKind::storage_full);
  for (int code : {EMFILE, ENFILE, ENOMEM})
    EXPECT_EQ(system_error("open", code).kind, ErrorKind::unavailable);
  EXPECT_EQ(system_error("open", ENOENT).kind, ErrorKind::not_found);
  EXPECT_EQ(system_error("read", EIO).kind, ErrorKind::internal);
  EXPECT_EQ(system_error("read", EIO).detail, "read: Input/output error");
}

Result<int> half(int value) {
  if (value % 2 != 0) return invalid_error("odd", "odd");
  return value / 2;
}

Result<void> check(int value) {
  TRY(half(value));
  return {};
}

Result<int> quarter(int value) { return half(TRY(half(value))); }

TEST(Results, TryYieldsTheValueOrReturnsTheError) {
  EXPECT_EQ(*quarter(12), 3);
  EXPECT_TRUE(quarter(3).error().is("odd"));
  EXPECT_TRUE(quarter(6).error().is("odd"));
  EXPECT_TRUE(check(2).ok());
  EXPECT_FALSE(check(3));
  EXPECT_TRUE(check(3).error().is("odd"));
}

TEST(Results, HoldMoveOnlyValues) {
  auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
  auto take = [&]() -> Result<int> { return *TRY(make()); };
  EXPECT_EQ(*take(), 7);
  Result<std::string> text = std::string("abc");
  EXPECT_EQ(text->size(), 3u);
  EXPECT_EQ(std::as_const(text)->size(), 3u);
  EXPECT_EQ(*std::as_const(text), "abc");
  std::string moved = *std::move(text);
  EXPECT_EQ(moved, "abc");
}

TEST(Results, GiveTheErrorAway) {
  Result<void> failed = stale_error();
  failed.error().detail = "changed";
  EXPECT_EQ(std::as_const(failed).error().detail, "changed");
  Error error = std::move(failed).error();
  EXPECT_EQ(error.detail, "changed");
  Result<int> other = error;
  EXPECT_FALSE(other);
  EXPECT_TRUE(std::as_const(other).error().is(ErrorKind::stale));
}

TEST(Error, ReasonsOfTheirOwnAreForTheOperator) {
  EXPECT_TRUE(internal_error("x").is_for_operator());
  EXPECT_FALSE(unavailable_error("x").is_for_operator());
  EXPECT_FALSE(timeout_error("x").is_for_operator());
  for (const auto kind : {ErrorKind::unavailable, ErrorKind::timeout})
    EXPECT_TRUE((Error{kind, "aws_credentials", "from /home/x/.aws", {}}).is_for_operator());
  EXPECT_FALSE(not_found_error("x").is_for_operator());
}

}  // namespace
}  // namespace tintype
