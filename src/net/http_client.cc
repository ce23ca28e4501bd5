#include "net/http_client.h"

#include <curl/curl.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>

namespace tintype {
namespace {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

// The handle of this thread with its open connections; options are reset for each request.
CURL* thread_handle() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  thread_local Easy easy(curl_easy_init());
  if (easy) curl_easy_reset(easy.get());
  return easy.get();
}

// What the callbacks of one transfer share.
struct Transfer {
  const HttpRequest& request;
  HttpResponse response;
  std::uint64_t sent = 0;
  bool too_large = false;
  bool read_failed = false;
  bool write_failed = false;
  CURL* easy = nullptr;
};

bool goes_to_file(const Transfer& transfer) {
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  return transfer.request.download_to && status / 100 == 2;
}

bool write_whole(int fd, const char* data, std::size_t size, std::uint64_t at) {
  while (size > 0) {
    const auto done = ::pwrite(fd, data, size, static_cast<off_t>(at));
    if (done <= 0) return false;
    data += done;
    at += static_cast<std::uint64_t>(done);
    size -= static_cast<std::size_t>(done);
  }
  return true;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  if (goes_to_file(transfer)) {
    auto& at = transfer.response.downloaded;
    transfer.too_large = size > transfer.request.max_download - at;
    if (transfer.too_large) return 0;
    transfer.write_failed = !write_whole(*transfer.request.download_to, data, size, at);
    at += size;
    return transfer.write_failed ? 0 : size;
  }
  if (size > transfer.request.max_response - transfer.response.body.size()) {
    transfer.too_large = true;
    return 0;
  }
  transfer.response.body.append(data, size);
  return size;
}

std::string_view trimmed(std::string_view text) {
  auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* context) {
  auto& headers = static_cast<Transfer*>(context)->response.headers;
  std::string_view line(data, size);
  if (line.starts_with("HTTP/")) headers.clear();  // those before were of a 1xx answer
  auto colon = line.find(':');
  if (colon == line.npos) return size;
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  return size;
}

std::size_t on_read(char* out, std::size_t, std::size_t room, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const auto& file = *transfer.request.file;
  auto wanted = std::min<std::uint64_t>(room, file.length - transfer.sent);
  auto got = ::pread(file.fd, out, wanted, static_cast<off_t>(transfer.sent));
  if (got < 0 || (got == 0 && wanted > 0)) {
    transfer.read_failed = true;  // unreadable, or shorter than it was
    return CURL_READFUNC_ABORT;
  }
  transfer.sent += static_cast<std::uint64_t>(got);
  if (file.progress) file.progress(transfer.sent);
  return static_cast<std::size_t>(got);
}

// Called each time that the request is about to be sent.
int on_send(void* context, char*, char*, int, int) {
  ++static_cast<Transfer*>(context)->response.sends;
  return CURL_PREREQFUNC_OK;
}

// A kept-alive connection turned out dead: the same bytes are sent again on a new one.
int on_seek(void* context, curl_off_t offset, int origin) {
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_FAIL;
  static_cast<Transfer*>(context)->sent = static_cast<std::uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

bool has_content_type(const HttpRequest& request) {
  return std::ranges::any_of(request.headers, [](const auto& header) {
    return ::strcasecmp(header.first.c_str(), "content-type") == 0;
  });
}

Result<HeaderList> header_list(const HttpRequest& request) {
  HeaderList list;
  auto append = [&](const std::string& line) {
    auto longer = curl_slist_append(list.get(), line.c_str());
    if (!longer) return false;
    list.release();
    list.reset(longer);
    return true;
  };
  for (const auto& [name, value] : request.headers) {
    bool splits = (name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
    if (name.empty() || splits) return invalid_error("invalid_header", "a header is malformed");
    // libcurl takes `Name;` for an empty value and `Name:` for "leave this header out".
    if (!append(value.empty() ? name + ";" : name + ": " + value)) break;
  }
  append("Expect:");  // no waiting for 100 Continue
  // Else libcurl calls every body a form. The caller's own header, if any, stands before.
  if (!has_content_type(request)) append("Content-Type:");
  return list;
}

void set_method_and_body(CURL* easy, const HttpRequest& request, Transfer& transfer) {
  if (request.file) {
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.file->length));
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
  } else if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET" || !request.body.empty()) {
    auto size = static_cast<curl_off_t>(request.body.size());
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, size);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

// Of the process on this machine that an answer is awaited from for days.
void set_patience(CURL* easy, const HttpClientOptions& options) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
}

void set_limits(CURL* easy, const HttpClientOptions& options, milliseconds remaining) {
  auto longs = [](auto value) { return static_cast<long>(value); };
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, longs(remaining.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   longs(std::min(remaining, options.connect_timeout).count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, longs(options.low_speed_bytes));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, longs(options.low_speed_time.count()));
}

// libcurl knows where the system that it was built for keeps its certificates. A program that
// brings its libraries along, as in Lambda, runs elsewhere.
const std::string& system_ca_file() {
  static const std::string found = [] {
    for (const char* path : {"/etc/ssl/certs/ca-certificates.crt",
                             "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"})
      if (::access(path, R_OK) == 0) return std::string(path);
    return std::string();
  }();
  return found;
}

void set_transport(CURL* easy, const HttpClientOptions& options, Transfer& transfer) {
  curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  const auto& ca_file = options.ca_file.empty() ? system_ca_file() : options.ca_file;
  if (!ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_send);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
}

// The query may hold a signature: only what precedes it is named.
std::string server_of(const std::string& url) { return url.substr(0, url.find('?')); }

// libcurl's words on TLS leave open what is meant.
std::string words_of(CURLcode code) {
  switch (code) {
    case CURLE_SSL_CONNECT_ERROR: return "no TLS connection comes about; it may not speak https";
    case CURLE_PEER_FAILED_VERIFICATION: return "its TLS certificate is not one to trust";
    default: return curl_easy_strerror(code);
  }
}

Error transfer_error(CURLcode code, const Transfer& transfer) {
  auto where = server_of(transfer.request.url) + ": " + words_of(code);
  if (transfer.too_large) {
    return {ErrorKind::too_large, "response_too_large", "the answer is larger than allowed", {}};
  }
  if (transfer.write_failed) return storage_full_error("the answer could not be kept on disk");
  if (transfer.read_failed) return internal_error("the file to send became shorter or unreadable");
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return timeout_error(where);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return invalid_error("invalid_url", where);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY: return unavailable_error(where);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: return {ErrorKind::unavailable, "tls_failed", where, {}};
    default: return internal_error(where);
  }
}

// libcurl takes a long; far deadlines become one day.
milliseconds remaining_until(Deadline deadline) {
  auto now = std::chrono::steady_clock::now();
  if (deadline <= now) return milliseconds(0);
  auto left = std::min<std::chrono::steady_clock::duration>(deadline - now, std::chrono::hours(24));
  return std::chrono::ceil<milliseconds>(left);
}

}  // namespace

std::optional<std::string_view> HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

HttpClient::HttpClient(HttpClientOptions options) : options_(std::move(options)) {}

Result<HttpResponse> HttpClient::send(const HttpRequest& request) const {
  auto remaining = remaining_until(request.deadline);
  if (remaining.count() == 0 && !request.wait_forever)
    return timeout_error("the deadline passed before sending");
  auto headers = TRY(header_list(request));
  CURL* easy = thread_handle();
  if (!easy) return internal_error("libcurl cannot be started");
  if (request.download_to && ::ftruncate(*request.download_to, 0) != 0)
    return internal_error("the file to download to cannot be emptied");
  Transfer transfer{.request = request, .easy = easy};
  set_transport(easy, options_, transfer);
  if (request.wait_forever) set_patience(easy, options_);
  else set_limits(easy, options_, remaining);
  set_method_and_body(easy, request, transfer);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  auto code = curl_easy_perform(easy);
  if (code != CURLE_OK) return transfer_error(code, transfer);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

}  // namespace tintype
