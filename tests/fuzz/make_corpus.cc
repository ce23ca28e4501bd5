// Writes the seeds: make_fuzz_corpus FOLDER makes FOLDER/NAME/NNN for every fuzzer. The same
// program always writes the same bytes.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "adapters/aws/image_item.h"
#include "adapters/aws/unsettled_note.h"
#include "domain/cursor.h"
#include "fuzz/fuzz_picture.h"
#include "imaging/rendition_wire.h"
#include "signing/presign.h"
#include "support/full_record.h"
#include "support/sample_images.h"
#include "unit/lambda/samples.h"

namespace {

using namespace tintype;
using namespace std::string_literals;

class Corpus {
 public:
  Corpus(const std::string& folder, const std::string& fuzzer) : folder_(folder + "/" + fuzzer) {
    std::filesystem::create_directories(folder_);
  }
  void add(const std::string& seed) {
    char name[16];
    std::snprintf(name, sizeof name, "/%03d", count_++);
    std::ofstream(folder_ + name, std::ios::binary) << seed;
  }

 private:
  std::string folder_;
  int count_ = 0;
};

std::vector<std::string> pictures() {
  using namespace samples;
  auto photo = jpeg(40, 30);
  std::vector<std::string> all{photo,
                               progressive_jpeg(40, 30),
                               cmyk_jpeg(24, 16),
                               png(40, 30),
                               png_with_alpha(20, 30),
                               png_16_bit(20, 15),
                               p3_png(20, 15),
                               webp(40, 30),
                               lossless_webp(20, 30),
                               animated_webp(3, 16, 12),
                               gif(20, 15),
                               animated_gif(3, 16, 12),
                               avif(32, 24),
                               heic(),
                               corrupt_header_jpeg(),
                               huge_png(),
                               many_frames_gif(25),
                               zero_size_png(),
                               icc_bomb_png(100'000),
                               text_bomb_png(3, 10'000),
                               text(),
                               svg(),
                               tiff()};
  for (int orientation : {3, 6}) all.push_back(with_exif(photo, {orientation, true, true}));
  for (double keep : {0.3, 0.9}) all.push_back(truncated(photo, keep));
  return all;
}

// One of each effect: format, fit, width, height, flags, turn and policy, quality, strength.
const std::string kWishes[] = {
    "\0\0\x08\x08\0\0\x50\0"s,       "\1\1\x08\x04\4\1\0\0"s,     "\2\2\x08\x08\x48\2\x50\x80"s,
    "\3\3\x04\x08\x0A\0\0\0"s,       "\4\4\x08\x08\x10\3\x40\1"s, "\0\6\x04\x04\x21\x84\x50\1"s,
    "\1\x0B\x06\x04\x40\x18\0\x80"s,
};

void make_pictures(const std::string& folder) {
  Corpus examine(folder, "examine");
  Corpus render(folder, "render");
  std::size_t turn = 0;
  for (const auto& picture : pictures()) {
    examine.add(kWishes[turn++ % std::size(kWishes)] + picture);
    for (const auto& wish : kWishes) render.add(wish + picture);
  }
}

void make_parts(const std::string& folder) {
  Corpus headers(folder, "headers");
  for (const auto& picture : pictures()) headers.add(picture);
  Corpus exif(folder, "exif");
  exif.add(samples::exif_block({6, true, true}));
  exif.add("Exif\0\0"s + samples::exif_block({1, false, false}));
  Corpus icc(folder, "icc");
  // A version 2 profile with a description, by hand.
  std::string profile(128, '\0');
  profile.replace(36, 4, "acsp");
  profile += "\0\0\0\1desc\0\0\0\x90\0\0\0\x16"s + "desc\0\0\0\0\0\0\0\x05sRGB\0\0\0\0\0\0"s;
  icc.add(profile);
  icc.add(profile.substr(0, 144) +
          "mluc\0\0\0\0\0\0\0\1\0\0\0\x0C"
          "enUS\0\0\0\4\0\0\0\x12\0s\0R"s);
}

void make_answers(const std::string& folder) {
  Corpus answers(folder, "worker_answers");
  InspectAnswer inspected;
  inspected.facts.width = inspected.facts.height = 40;
  inspected.facts.color_profile = "Display P3";
  inspected.camera.copyright = "me";
  inspected.renditions.push_back({MediaType::webp, 20, 10, 1, 400});
  RenderWishes wishes;
  wishes.specs.resize(2);
  wishes.specs[0].width = 100;
  const auto inspection = encode_inspect_answer(inspected);
  const auto rendition = encode_render_answer(inspected.renditions);
  answers.add(inspection);
  answers.add(rendition);
  answers.add(encode_render_wishes(wishes));
  answers.add(encode_answer(7, inspection));
  answers.add(encode_answer(7, internal_error("x")));
  answers.add(encode_hello({SandboxStatus::refused, true, "no"}));
  Job job;
  job.payload = encode_render_wishes(wishes);
  answers.add(encode_job(job));
}

void make_texts(const std::string& folder) {
  const std::string queries[] = {
      "width=320&height=200&fit=cover&gravity=attention&format=auto&quality=80&dpr=2",
      "variant=thumb&format=webp&quality=70",
      "width=8192&background=11223344&blur=0.3&sharpen=true&rotate=90&flip=h&grayscale=true",
      "height=1&gravity=0.25%2C0.75&fit=contain&animated=false&enlarge=true",
  };
  Corpus query(folder, "query_params");
  Corpus params(folder, "rendition_params");
  for (auto text : queries) {
    query.add(text);
    std::ranges::replace(text, '&', '\n');
    params.add(text);
  }
  Corpus multipart(folder, "multipart");
  multipart.add(
      "\x07--xyz\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\na,b\r\n--xyz\r\n"
      "Content-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n"
      "Content-Type: image/jpeg\r\n\r\nbytes\r\n\r\n--xy\r\n--xyz--\r\n");
  multipart.add("multipart/form-data; boundary=\"xyz\"");
}

void make_secrets(const std::string& folder) {
  Corpus cursor(folder, "cursor");
  cursor.add(encode_cursor(ImageQuery(), ListPosition{}, std::string(32, 's')));
  Corpus url(folder, "signed_url");
  sigv4::PresignRequest request;
  request.method = "PUT";
  request.scheme_and_host = "http://h";
  request.path = "/bucket/a b";
  request.headers = {{"content-type", "image/png"}};
  request.region = "us-east-1";
  request.now = Timestamp(milliseconds(1'767'225'600'000));
  auto signed_url = sigv4::presign_url({"AKIAFUZZ", "secret", ""}, request);
  if (!signed_url.ok()) std::abort();
  const auto path = signed_url->substr(std::string("http://h").size());
  const auto mark = path.find('?');
  url.add("PUT\n" + path.substr(0, mark) + "\n" + path.substr(mark + 1) +
          "\nhost:h\ncontent-type:image/png\n");
}

void make_s3_answers(const std::string& folder) {
  Corpus answers(folder, "s3_answers");
  answers.add(
      "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"urn:s3\"><EncodingType>url</EncodingType>"
      "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken><Contents>"
      "<Key>a%2Fb+c</Key><Size>12</Size><ETag>&quot;e&quot;</ETag>"
      "<LastModified>2026-11-27T08:00:00.000Z</LastModified></Contents></ListBucketResult>");
  answers.add("<Error><Code>PermanentRedirect</Code><Region>eu-west-1</Region></Error>");
  answers.add("<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>");
  answers.add("<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code></Error></DeleteResult>");
  answers.add("<!DOCTYPE a [<!ENTITY b \"c\">]><a><![CDATA[x]]>&b;&#13;</a>");
}

void make_dynamodb_answers(const std::string& folder) {
  using namespace dynamodb;
  Corpus answers(folder, "dynamodb_answers");
  const auto written = [](const Item& item) {
    std::string out;
    JsonWriter json(out);
    write_item(json, item);
    return out;
  };
  const ImageMetadata image = testing::full_record();
  StoredRecord record{image, to_item(image, 16)};
  answers.add(written(record.item));
  attach_note(record.item, note_of(consequences_of(nullptr, &image, 16), "t", Aim::removal),
              image.updated_at, image.image_id);
  answers.add(written(record.item));
  for (const auto& [key, row] : rows_of(testing::ImageBuilder().tags({"a"}).active().build(), 16))
    answers.add(written(row));
  const std::string name = R"({"__type":"com.amazonaws.dynamodb.v20120810#)";
  answers.add(name + R"(ThrottlingException","message":"slower"})");
  answers.add(name + R"(ConditionalCheckFailedException","message":"m","Item":{"a":{"N":"1"}}})");
  answers.add(name +
              R"(TransactionCanceledException","Message":"reasons [None, ValidationError]"})");
  answers.add(name + R"(TransactionCanceledException","CancellationReasons":[{"Code":"None"},)" +
              R"({"Code":"ConditionalCheckFailed","Item":{"a":{"SS":["b"]}}}]})");
  answers.add(R"({"a":{"L":[{"BOOL":true},{"M":{"b":{"N":"-9223372036854775808"}}}]}})");
}

void make_aws_answers(const std::string& folder) {
  const std::string keys = R"("AccessKeyId":"AK","SecretAccessKey":"s/+",)";
  Corpus answers(folder, "aws_credentials");
  answers.add("0# c\n[profile a b]\nregion = x\n  y\n\n[default]\r\nA:b=c ; d\r\n");
  answers.add(R"(1/bin/x 'a b' "c\"d" e\ f)");
  answers.add(R"(2{"Code":"Success",)" + keys +
              R"("Token":"t==","Expiration":"2026-11-22T09:00:00Z"})");
  answers.add(R"(3{"Version":1,)" + keys + R"("SessionToken":"t"})");
  answers.add(
      "4<Credentials><AccessKeyId>AK</AccessKeyId><SecretAccessKey>s&amp;</SecretAccessKey>"
      "<SessionToken>t</SessionToken><Expiration>2026-11-22T09:00:00Z</Expiration></Credentials>");
  answers.add("4<Error><Code>AccessDenied</Code></Error>");
  for (const char* url : {"http://127.0.0.1:8080/x?y#z", "http://[fd00:ec2::23]/v1",
                          "http://localhost", "http://a@127.0.0.1\\b/", "https://h:1"})
    answers.add("5"s + url);
}

void make_events(const std::string& folder) {
  Corpus events(folder, "lambda_event");
  const auto record = testing::s3_record("incoming/a+b%2Bc");
  for (const auto& text : {testing::kRestEvent, testing::kHttpEvent, testing::kTestEvent,
                           testing::kScheduleEvent, testing::kBridgeEvent, testing::records(record),
                           testing::records(testing::s3_record("incoming/a b", "b", "ceph:s3"))})
    events.add(text);
  events.add(testing::records(
      R"({"eventSource":"aws:sqs","messageId":"1","body":"{\"Event\":\"s3:TestEvent\"}"})"));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder = argv[1];
  make_pictures(folder);
  make_parts(folder);
  make_answers(folder);
  make_texts(folder);
  make_secrets(folder);
  make_s3_answers(folder);
  make_dynamodb_answers(folder);
  make_aws_answers(folder);
  make_events(folder);
  return 0;
}
