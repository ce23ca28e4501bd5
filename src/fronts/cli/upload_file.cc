#include "fronts/cli/upload_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <thread>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "base/unique_fd.h"
#include "domain/validators.h"

namespace tintype {
namespace {

struct LocalFile {
  UniqueFd fd;
  std::string name;
  MediaType type = MediaType::jpeg;
  std::uint64_t size = 0;
  std::string sha256_hex;
};

Error wrong_file(std::string detail) { return invalid_error("wrong_file", std::move(detail)); }

// Hashes the file and keeps its first bytes in `head`.
Result<std::string> hash_file(const LocalFile& file, std::string& head) {
  std::string buffer(256 * 1024, '\0');
  Sha256 hash;
  for (std::uint64_t at = 0; at < file.size;) {
    auto got = ::pread(file.fd.get(), buffer.data(), buffer.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return wrong_file("cannot be read");
    std::string_view piece(buffer.data(), static_cast<std::size_t>(got));
    if (at == 0) head = piece.substr(0, 4096);
    hash.update(piece);
    at += piece.size();
  }
  return hex_encode(hash.finish());
}

Result<LocalFile> open_file(const std::string& path) {
  LocalFile file;
  file.fd.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.fd) return wrong_file(std::string("cannot be opened: ") + std::strerror(errno));
  struct stat info {};
  if (::fstat(file.fd.get(), &info) != 0) return wrong_file("cannot be read");
  if (S_ISDIR(info.st_mode)) {
    return wrong_file("is a folder; name the files in it, for example " + path + "/*.jpg");
  }
  if (!S_ISREG(info.st_mode)) return wrong_file("is not a regular file");
  if (info.st_size == 0) return wrong_file("is empty");
  file.size = static_cast<std::uint64_t>(info.st_size);
  std::string head;
  file.sha256_hex = TRY(hash_file(file, head));
  file.type = TRY(validate_image_file(head));
  file.name = path.substr(path.rfind('/') + 1);
  if (!is_valid_utf8(file.name)) file.name = "image" + std::string(file_extension(file.type));
  return file;
}

std::string create_body(const LocalFile& file, const UploadOptions& options) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("filename").string(file.name);
  json.key("content_type").string(media_type_name(file.type));
  json.key("size").number(file.size).key("sha256").string(file.sha256_hex);
  if (!options.user.empty()) json.key("user_id").string(options.user);
  if (!options.description.empty()) json.key("description").string(options.description);
  if (options.is_public) json.key("visibility").string("public");
  if (!options.tags.empty()) {
    json.key("tags").begin_array();
    for (const auto& tag : options.tags) json.string(tag);
    json.end_array();
  }
  json.end_object();
  return out;
}

bool says_later(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

// Doubling, at most the longest, a random part of it taken off; at least what the server asks for.
milliseconds wait_before(int attempt, const RetryPolicy& retry, const HttpResponse* response) {
  auto wait = std::min(retry.longest_wait, retry.first_wait * (1 << std::min(attempt, 16)));
  auto random = random_bytes(*std::make_unique<SystemRandom>(), 1);
  wait -= wait * static_cast<unsigned char>(random[0]) / 512;
  auto text = response ? response->header("retry-after") : std::nullopt;
  int asked = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), asked);
  return std::max(wait, std::min<milliseconds>(seconds(asked), retry.longest_wait));
}

// Sends until there is an answer other than "later", or the attempts are used up.
Result<HttpResponse> send_with_retries(const HttpClient& client, HttpRequest request,
                                       seconds time_limit, const RetryPolicy& retry) {
  for (int attempt = 0;; ++attempt) {
    request.deadline = deadline_in(time_limit);
    auto response = client.send(request);
    bool again = response ? says_later(response->status)
                          : response.error().is(ErrorKind::unavailable) ||
                                response.error().is(ErrorKind::timeout);
    if (!again || attempt + 1 >= retry.attempts) return response;
    std::this_thread::sleep_for(wait_before(attempt, retry, response ? &*response : nullptr));
  }
}

// An answer with one of these statuses; else an error whose detail says why.
Result<HttpResponse> expect_success(Result<HttpResponse> response, std::string_view step) {
  auto answer = TRY(std::move(response));
  if (answer.status >= 200 && answer.status < 300) return answer;
  auto kind = says_later(answer.status) ? ErrorKind::unavailable : ErrorKind::invalid;
  return Error{kind, "refused", std::string(step) + ": " + error_sentence(answer), {}};
}

HttpRequest create_request(const LocalFile& file, const UploadOptions& options) {
  HttpRequest request;
  request.method = "POST";
  request.url =
      options.server + "/images" + (options.allow_duplicate ? "?allow_duplicate=true" : "");
  request.body = create_body(file, options);
  SystemRandom random;
  request.headers = {{"Content-Type", "application/json"},
                     {"Idempotency-Key", hex_encode(random_bytes(random, 16))}};
  return request;
}

HttpRequest put_request(const LocalFile& file, const SendTicket& ticket,
                        const std::function<void(std::uint64_t)>& progress) {
  HttpRequest request;
  request.method = ticket.method;
  request.url = ticket.url;
  request.headers = ticket.headers;
  request.file = HttpFileBody{file.fd.get(), file.size, progress};
  return request;
}

// The server may still be at work when it answers; then it is asked again.
Result<UploadedImage> complete(const HttpClient& client, const UploadOptions& options,
                               const RetryPolicy& retry, const std::string& image_id) {
  HttpRequest request;
  request.method = "POST";
  request.url = options.server + "/images/" + percent_encode(image_id) + "/complete";
  auto deadline = deadline_in(seconds(180));
  for (int attempt = 0;; ++attempt) {
    auto response = send_with_retries(client, request, seconds(120), retry);
    auto answer = TRY(expect_success(std::move(response), "not completed"));
    auto image = TRY(parse_image_answer(answer));
    if (image.status != "processing") return image;
    if (has_passed(deadline)) return timeout_error("the server is still processing it");
    std::this_thread::sleep_for(wait_before(attempt, retry, nullptr));
  }
}

}  // namespace

Result<UploadedImage> upload_file(const HttpClient& client, const UploadOptions& options,
                                  const RetryPolicy& retry, const std::string& path,
                                  const std::function<void(std::uint64_t)>& progress) {
  auto file = TRY(open_file(path));
  auto create = create_request(file, options);
  auto created = send_with_retries(client, std::move(create), seconds(30), retry);
  auto created_answer = TRY(expect_success(std::move(created), "not accepted"));
  auto answer = TRY(parse_create_answer(created_answer));
  if (answer.duplicate) {
    progress(file.size);
    return std::move(*answer.duplicate);
  }
  auto put = put_request(file, answer.ticket, progress);
  auto stored = send_with_retries(client, std::move(put), seconds(3600), retry);
  TRY(expect_success(std::move(stored), "bytes not accepted"));
  auto image = TRY(complete(client, options, retry, answer.ticket.image_id));
  if (image.status == "active") return image;
  return Error{ErrorKind::unprocessable,
               "not_active",
               image.failure.empty() ? "the image is " + image.status : image.failure,
               {}};
}

}  // namespace tintype
