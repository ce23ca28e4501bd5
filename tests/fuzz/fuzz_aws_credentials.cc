// What hands out AWS credentials, and the files that say who does: the first byte says which.
#include <curl/curl.h>

#include <cstdlib>

#include "adapters/aws/command_words.h"
#include "adapters/aws/container_source.h"
#include "adapters/aws/credential_json.h"
#include "adapters/aws/profiles.h"
#include "adapters/aws/sts.h"

namespace {

using namespace tintype;

void must(bool condition) {
  if (!condition) std::abort();
}

void check(const Result<AwsCredentials>& got) {
  if (!got.ok()) {
    must(is_visible_ascii(got.error().code) && !got.error().detail.empty());
    return;
  }
  const auto& keys = got->keys;
  must(!keys.access_key_id.empty() && !keys.secret_access_key.empty());
  must(is_visible_ascii(keys.access_key_id + keys.secret_access_key + keys.session_token));
}

void check_profiles(std::string_view text) {
  const auto file = parse_ini(text);
  if (!file.ok()) return;
  for (const auto& [name, profile] : merge_profiles(*file, *file))
    for (const auto& [key, value] : profile.settings) {
      const auto guarded = "x" + value;  // a block of settings begins with a line end
      must(!key.empty() && trim_blanks(key) == key && trim_blanks(guarded) == guarded);
    }
}

// Every word within single quotes is itself, but for the quotes.
void check_words(std::string_view text) {
  const auto words = split_words(text);
  if (!words) return;
  std::string again;
  for (const auto& word : *words) {
    again += " '";
    for (char c : word) again += c == '\'' ? std::string("'\\''") : std::string(1, c);
    again += "'";
  }
  must(split_words(again) == words);
}

std::string host_for_curl(const std::string& url) {
  CURLU* parsed = curl_url();
  char* host = nullptr;
  must(curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK);
  must(curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK);
  std::string out = host;
  for (char& c : out) c = static_cast<char>(std::tolower(c));
  curl_free(host);
  curl_url_cleanup(parsed);
  return out;
}

void check_url(std::string_view text) {
  const auto url = container_url("", text);
  if (!url.ok() || !url->starts_with("http://")) return;
  const auto host = host_for_curl(*url);
  must(host.starts_with("127.") || host == "localhost" || host == "[::1]" ||
       host == "169.254.170.2" || host == "169.254.170.23" || host == "[fd00:ec2::23]");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case '0': check_profiles(text); break;
    case '1': check_words(text); break;
    case '2': check(parse_service_credentials(text)); break;
    case '3': check(parse_process_credentials(text)); break;
    case '4':
      for (int status : {200, 400}) check(parse_role_answer({status, {}, std::string(text), 0}));
      break;
    case '5': check_url(text); break;
    default: break;
  }
  return 0;
}
