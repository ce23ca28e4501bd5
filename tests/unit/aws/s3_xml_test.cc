#include "adapters/aws/s3_xml.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

std::string contents(const std::string& key, const std::string& size = "3",
                     const std::string& time = "2026-11-27T08:00:00.999Z") {
  return "<Contents><Key>" + key + "</Key><LastModified>" + time +
         "</LastModified><ETag>&quot;abc&quot;</ETag><Size>" + size +
         "</Size><StorageClass>STANDARD</StorageClass></Contents>";
}

std::string listing(const std::string& inner) {
  return "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/"
         "2006-03-01/\"><Name>b</Name>" +
         inner + "</ListBucketResult>";
}

TEST(S3Xml, ReadsAListing) {
  const auto page =
      parse_list_objects(listing("<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
                                 "<NextContinuationToken>1+/=</NextContinuationToken>" +
                                 contents("a+b%2Bc%25/d") + contents("e") +
                                 "<CommonPrefixes><Prefix>x/</Prefix></CommonPrefixes>"));
  ASSERT_TRUE(page.ok()) << page.error().detail;
  ASSERT_EQ(page->objects.size(), 2u);
  EXPECT_EQ(page->objects[0].key, "a b+c%/d");
  EXPECT_EQ(page->objects[0].size, 3u);
  EXPECT_EQ(page->objects[0].etag, "abc");
  EXPECT_EQ(page->objects[0].modified,
            parse_s3_header_time("Fri, 27 Nov 2026 08:00:00 GMT").value());
  EXPECT_EQ(page->next_token, "1+/=");
}

TEST(S3Xml, KeysThatAreNotEncodedStayAsTheyAre) {
  const auto page = parse_list_objects(listing(contents("a+b%20c")));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->objects[0].key, "a+b%20c");
  EXPECT_EQ(page->next_token, "");
}

TEST(S3Xml, AListingThatIsNoneIsRefused) {
  for (const auto& body :
       {std::string(), std::string("<html/>"), std::string("<Error><Code>X</Code></Error>"),
        listing("<IsTruncated>true</IsTruncated>"),  // and no way on
        listing(contents("a", "-1")), listing(contents("a", "")), listing(contents("a", "1x")),
        listing(contents("a", "99999999999999999999")), listing(contents("")),
        listing(contents("a", "1", "yesterday")),
        listing("<EncodingType>url</EncodingType>" + contents("%zz"))}) {
    const auto page = parse_list_objects(body);
    ASSERT_FALSE(page.ok()) << body;
    EXPECT_TRUE(page.error().is(ErrorKind::internal));
  }
}

TEST(S3Xml, ReadsErrors) {
  auto error = parse_error_body(
      "<?xml version=\"1.0\"?>\n<Error><Code>PermanentRedirect</Code><Message>m</Message>"
      "<Region>eu-west-1</Region></Error>");
  EXPECT_EQ(error.code, "PermanentRedirect");
  EXPECT_EQ(error.region, "eu-west-1");
  EXPECT_EQ(
      parse_error_body("<ErrorResponse><Error><Code>Busy</Code></Error></ErrorResponse>").code,
      "Busy");
  for (const std::string body : {"", "oops", "<ok/>", "<Error/>", "<Error><Code>a b</Code></Error>",
                                 "<Error><Code>&lt;script&gt;</Code></Error>"}) {
    EXPECT_EQ(parse_error_body(body).code, "") << body;
  }
  EXPECT_EQ(parse_error_body("<Error><Code>" + std::string(65, 'x') + "</Code></Error>").code, "");
}

TEST(S3Xml, ReadsCopies) {
  EXPECT_EQ(
      copy_result_etag("  \n<CopyObjectResult><LastModified>x</LastModified><ETag>\"e\"</ETag>"
                       "</CopyObjectResult>"),
      "e");
  EXPECT_EQ(copy_result_etag("<Error><Code>InternalError</Code></Error>"), std::nullopt);
  EXPECT_EQ(copy_result_etag(""), std::nullopt);
  EXPECT_EQ(copy_result_etag("<CopyObjectResult/>"), std::nullopt);
}

TEST(S3Xml, WritesAndReadsRemovals) {
  EXPECT_EQ(delete_objects_body({"a&b", "c d"}),
            "<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key></Object>"
            "<Object><Key>c d</Key></Object></Delete>");
  EXPECT_TRUE(parse_delete_failures("<DeleteResult/>")->empty());
  const auto failures = parse_delete_failures(
      "<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>NoSuchKey</Code>"
      "</Error><Error><Key>c</Key><Code>AccessDenied</Code></Error></DeleteResult>");
  EXPECT_EQ(*failures, std::vector<std::string>{"AccessDenied"});
  EXPECT_FALSE(parse_delete_failures("").ok());
}

TEST(S3Xml, TakesTheQuotesOffETags) {
  EXPECT_EQ(unquoted_etag("\"a-1\""), "a-1");
  EXPECT_EQ(unquoted_etag("W/\"a\""), "a");
  EXPECT_EQ(unquoted_etag("a"), "a");
  EXPECT_EQ(unquoted_etag("\""), "\"");
  EXPECT_EQ(unquoted_etag(""), "");
}

}  // namespace
}  // namespace tintype
