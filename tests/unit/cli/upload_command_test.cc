#include "fronts/cli/upload_command.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "base/hash.h"
#include "support/fake_http_server.h"

namespace tintype {
namespace {

using testing::answer;
using testing::FakeHttpServer;
using testing::FakeRequest;

constexpr const char* kId = "0192f3a1-0000-7000-8000-000000000001";
const std::string kJpeg = "\xFF\xD8\xFF\xE0" + std::string(100'000, 'j');

std::string image_json(std::string_view status, std::string_view more = "") {
  return R"({"image_id":")" + std::string(kId) +
         R"(","filename":"a.jpg","width":640,"height":480,)" + R"("size":100004,"status":")" +
         std::string(status) + "\"" + std::string(more) + "}";
}

std::string problem(int status, std::string_view code, std::string_view detail,
                    std::string_view more = "") {
  return answer(status, R"({"title":"t","status":1,"code":")" + std::string(code) +
                            R"(","detail":")" + std::string(detail) + "\"" + std::string(more) +
                            "}");
}

// A server that plays the contract; each step's answer can be replaced. A replacement that is empty
// is the ordinary answer.
struct Script {
  using Step = std::function<std::string(const FakeRequest&)>;
  Step create, put, complete;
  FakeHttpServer* server = nullptr;

  std::string operator()(const FakeRequest& request) {
    auto or_ordinary = [&](const Step& step, auto ordinary) {
      auto text = step ? step(request) : std::string();
      return text.empty() ? ordinary() : text;
    };
    if (request.method == "PUT") return or_ordinary(put, [] { return answer(200, ""); });
    if (request.target.ends_with("/complete")) {
      return or_ordinary(complete, [] { return answer(200, image_json("active")); });
    }
    return or_ordinary(create, [&] {
      return answer(201, R"({"image_id":")" + std::string(kId) + R"(","upload_url":")" +
                             server->url("/objects/b/k?X-Amz-Signature=s") +
                             R"(","upload_method":"PUT","upload_headers":)"
                             R"({"content-type":"image/jpeg","x-amz-checksum-sha256":"c"}})");
    });
  }
};

class UploadCommand : public ::testing::Test {
 protected:
  UploadCommand() : server_([this](const FakeRequest& request) { return script_(request); }) {
    script_.server = &server_;
    char path[] = "/tmp/tintype-cli-XXXXXX";
    folder_ = ::mkdtemp(path);
    options_.server = server_.url();
  }
  ~UploadCommand() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view bytes = kJpeg) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << bytes;
    return folder_ + "/" + name;
  }

  // Runs the command and keeps what it printed.
  int run() {
    char* out = nullptr;
    std::size_t out_size = 0;
    std::FILE* out_file = ::open_memstream(&out, &out_size);
    std::FILE* err_file = std::tmpfile();  // open_memstream has no descriptor for isatty
    int code = upload_command(options_, RetryPolicy{3, milliseconds(5), milliseconds(20)},
                              {out_file, err_file});
    std::fclose(out_file);
    out_.assign(out, out_size);
    std::free(out);
    err_.clear();
    std::rewind(err_file);
    char piece[4096];
    for (std::size_t n; (n = std::fread(piece, 1, sizeof piece, err_file)) > 0;)
      err_.append(piece, n);
    std::fclose(err_file);
    return code;
  }

  std::size_t count(std::string_view method, std::string_view ending = "") {
    auto requests = server_.requests();
    return static_cast<std::size_t>(std::ranges::count_if(requests, [&](const auto& request) {
      return request.method == method && request.target.ends_with(ending);
    }));
  }

  Script script_;
  FakeHttpServer server_;
  std::string folder_;
  UploadOptions options_;
  std::string out_, err_;
};

TEST_F(UploadCommand, CreatesPutsExactlyTheHeadersAndCompletes) {
  options_.files = {write("a \"b\".jpg")};
  options_.user = "u1";
  options_.tags = {"one", "two"};
  options_.description = "d\n\"q\"";
  options_.is_public = true;
  EXPECT_EQ(run(), 0) << err_;
  EXPECT_EQ(out_, std::string(kId) + "  a.jpg  640x480  100004  active\n");
  EXPECT_EQ(err_, "");
  auto requests = server_.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].target, "/images");
  EXPECT_EQ(requests[0].body,
            R"({"filename":"a \"b\".jpg","content_type":"image/jpeg","size":100004,"sha256":")" +
                hex_encode(sha256(kJpeg)) +
                R"(","user_id":"u1","description":"d\n\"q\"","visibility":"public",)"
                R"("tags":["one","two"]})");
  EXPECT_EQ(requests[0].header("idempotency-key").size(), 32u);
  EXPECT_EQ(requests[1].target, "/objects/b/k?X-Amz-Signature=s");
  EXPECT_EQ(requests[1].header("content-type"), "image/jpeg");
  EXPECT_EQ(requests[1].header("x-amz-checksum-sha256"), "c");
  EXPECT_EQ(requests[1].header("content-length"), "100004");
  EXPECT_TRUE(requests[1].body == kJpeg);
  EXPECT_EQ(requests[2].target, "/images/" + std::string(kId) + "/complete");
}

TEST_F(UploadCommand, TypeComesFromTheBytesNotTheName) {
  options_.files = {write("a.jpg", "\x89PNG\r\n\x1a\n" + std::string(100, 'p'))};
  EXPECT_EQ(run(), 0) << err_;
  EXPECT_NE(server_.requests().at(0).body.find("image/png"), std::string::npos);
}

TEST_F(UploadCommand, ManyFilesAreReportedInTheOrderGiven) {
  script_.complete = [](auto&) { return answer(200, image_json("active")); };
  for (int i = 0; i < 12; ++i) options_.files.push_back(write(std::to_string(i) + ".jpg"));
  options_.json = true;
  EXPECT_EQ(run(), 0) << err_;
  std::size_t at = 0;
  for (const auto& file : options_.files) {
    auto line = R"({"file":")" + file + R"(","ok":true,"duplicate":false,"image":{)";
    at = out_.find(line, at);
    ASSERT_NE(at, std::string::npos) << out_;
  }
  EXPECT_EQ(std::ranges::count(out_, '\n'), 12);
  EXPECT_LE(server_.connections(), 4);
  EXPECT_EQ(count("PUT"), 12u);
}

TEST_F(UploadCommand, BusyServersAreAskedAgain) {
  std::atomic<int> creates{0}, puts{0}, completes{0};
  auto first_busy = [](std::atomic<int>& counter) {
    return [&counter](auto&) { return counter++ == 0 ? answer(503, "") : std::string(); };
  };
  script_.create = first_busy(creates);
  script_.put = first_busy(puts);
  script_.complete = first_busy(completes);
  options_.files = {write("a.jpg")};
  EXPECT_EQ(run(), 0) << err_;
  auto requests = server_.requests();
  ASSERT_EQ(requests.size(), 6u);
  EXPECT_EQ(requests[0].header("idempotency-key"), requests[1].header("idempotency-key"));
  EXPECT_TRUE(requests[3].body == kJpeg);
}

TEST_F(UploadCommand, BrokenConnectionsAreTriedAgain) {
  std::atomic<int> puts{0};
  script_.put = [&](auto&) {
    return puts++ == 0
               ? std::string("HTTP/1.1 200 x\r\nConnection: close\r\nContent-Length: 9\r\n\r\n")
               : std::string();
  };
  options_.files = {write("a.jpg")};
  EXPECT_EQ(run(), 0) << err_;
  EXPECT_EQ(puts, 2);
}

TEST_F(UploadCommand, TryingAgainHasABound) {
  script_.create = [](auto&) { return problem(503, "overloaded", "Too busy."); };
  options_.files = {write("a.jpg")};
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(count("POST", "/images"), 3u);
  EXPECT_EQ(err_, "tintype: " + options_.files[0] + ": not accepted: Too busy. (overloaded)\n");
  EXPECT_EQ(out_, "");
}

TEST_F(UploadCommand, RefusalsAreNotTriedAgain) {
  script_.put = [](auto&) {
    return answer(403,
                  "<?xml version=\"1.0\"?><Error><Code>SignatureDoesNotMatch</Code>"
                  "<Message>The signature is another.</Message></Error>");
  };
  options_.files = {write("a.jpg")};
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(count("PUT"), 1u);
  EXPECT_EQ(count("POST", "/complete"), 0u);
  EXPECT_EQ(err_, "tintype: " + options_.files[0] +
                      ": bytes not accepted: The signature is another. (SignatureDoesNotMatch)\n");
}

TEST_F(UploadCommand, ProblemsAreOneSentenceWithTheirFields) {
  script_.create = [](auto&) {
    return problem(
        400, "validation_failed", "The request is invalid.",
        R"(,"errors":[{"field":"tags[0]","code":"invalid_tag","detail":"Bad.\u001b[2J"}])");
  };
  options_.files = {write("a.jpg")};
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(err_, "tintype: " + options_.files[0] +
                      ": not accepted: The request is invalid.; tags[0]: Bad. [2J "
                      "(validation_failed)\n");
}

TEST_F(UploadCommand, AFailedImageIsAFailure) {
  script_.complete = [](auto&) {
    return answer(
        200, image_json("failed", R"(,"failure":{"code":"corrupt_image","detail":"Cut short."})"));
  };
  options_.files = {write("a.jpg")};
  options_.json = true;
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out_, R"({"file":")" + options_.files[0] +
                      R"(","ok":false,"error":"corrupt_image: Cut short."})" + "\n");
}

TEST_F(UploadCommand, AnImageStillInWorkIsAskedForAgain) {
  std::atomic<int> completes{0};
  script_.complete = [&](auto&) {
    return completes++ < 2 ? answer(202, image_json("processing")) : std::string();
  };
  options_.files = {write("a.jpg")};
  EXPECT_EQ(run(), 0) << err_;
  EXPECT_EQ(completes, 3);
}

TEST_F(UploadCommand, DuplicatesNeedNoUpload) {
  script_.create = [](const FakeRequest& request) {
    return request.target == "/images" ? answer(200, image_json("active", R"(,"duplicate":true)"))
                                       : std::string();
  };
  options_.files = {write("a.jpg")};
  EXPECT_EQ(run(), 0) << err_;
  EXPECT_EQ(out_, std::string(kId) + "  a.jpg  640x480  100004  active (duplicate)\n");
  EXPECT_EQ(count("PUT"), 0u);
  options_.allow_duplicate = true;
  EXPECT_EQ(run(), 0) << err_;
  EXPECT_EQ(count("PUT"), 1u);
  EXPECT_EQ(count("POST", "/images?allow_duplicate=true"), 1u);
}

TEST_F(UploadCommand, DuplicatesMayBeNestedUnderImage) {
  script_.create = [](auto&) {
    return answer(200, R"({"duplicate":true,"image":)" + image_json("active") + "}");
  };
  options_.files = {write("a.jpg")};
  EXPECT_EQ(run(), 0) << err_;
  EXPECT_NE(out_.find("(duplicate)"), std::string::npos);
}

TEST_F(UploadCommand, FilesThatCannotBeUploadedAreNamedAndTheOthersGoOn) {
  auto text = write("t.jpg", "just some words");
  auto empty = write("e.jpg", "");
  auto fifo = folder_ + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  options_.files = {folder_, folder_ + "/missing", text, empty, fifo, write("good.jpg")};
  EXPECT_EQ(run(), 1);
  EXPECT_NE(err_.find(folder_ + ": is a folder; name the files in it"), std::string::npos) << err_;
  EXPECT_NE(err_.find("/missing: cannot be opened: No such file"), std::string::npos) << err_;
  EXPECT_NE(err_.find("t.jpg: "), std::string::npos) << err_;
  EXPECT_NE(err_.find("e.jpg: is empty"), std::string::npos) << err_;
  EXPECT_NE(err_.find("fifo: is not a regular file"), std::string::npos) << err_;
  EXPECT_EQ(std::ranges::count(err_, '\n'), 5) << err_;
  EXPECT_EQ(std::ranges::count(out_, '\n'), 1) << out_;
  EXPECT_EQ(count("PUT"), 1u);
}

TEST_F(UploadCommand, NobodyListeningIsAFailure) {
  {
    options_.server = FakeHttpServer([](auto&) { return ""; }).url();
  }
  options_.files = {write("a.jpg")};
  EXPECT_EQ(run(), 1);
  EXPECT_NE(err_.find("a.jpg: " + options_.server), std::string::npos) << err_;
}

TEST_F(UploadCommand, AnswersOfAnotherKindOfServerAreRefused) {
  for (std::string body : {"<html>hello</html>", "[]", "{}", "null",
                           R"({"image_id":"x","upload_method":"PUT","upload_url":"u"})",
                           R"({"image_id":"x","upload_method":"PUT","upload_url":"u",)"
                           R"("upload_headers":{"a":1}})"}) {
    script_.create = [&](auto&) { return answer(200, body); };
    options_.files = {write("a.jpg")};
    EXPECT_EQ(run(), 1) << body;
    EXPECT_NE(err_.find("is the URL right?"), std::string::npos) << err_;
  }
}

TEST_F(UploadCommand, ErrorsWithoutProblemNameTheStatus) {
  script_.create = [](auto&) { return answer(500, "oops"); };
  options_.files = {write("a.jpg")};
  EXPECT_EQ(run(), 1);
  EXPECT_NE(err_.find("the server answered with status 500"), std::string::npos) << err_;
}

}  // namespace
}  // namespace tintype
