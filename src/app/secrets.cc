#include "app/secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstdio>

#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/unique_fd.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxFile = 4096;

Error bad_file(const std::string& path) {
  return internal_error(path +
                        " is not a secrets file; restore it from a backup, or remove it, "
                        "which invalidates all cursors and presigned URLs.");
}

Result<void> write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error("writing the secrets", errno);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Secrets make_secrets(Random& random) {
  Secrets secrets;
  secrets.cursor_secret = random_bytes(random, 32);
  secrets.object_credentials.access_key_id = "TT" + hex_encode(random_bytes(random, 9));
  secrets.object_credentials.secret_access_key = base64url_encode(random_bytes(random, 32));
  return secrets;
}

std::string to_json(const Secrets& secrets) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("cursor_secret").string(base64_encode(secrets.cursor_secret));
  json.key("access_key_id").string(secrets.object_credentials.access_key_id);
  json.key("secret_access_key").string(secrets.object_credentials.secret_access_key);
  json.end_object();
  return text + "\n";
}

// A reader finds the whole file or none: it is written under another name and linked.
Result<void> save(const std::string& folder, const std::string& path, const Secrets& secrets) {
  std::string temporary = path + ".new";
  (void)::unlink(temporary.c_str());
  UniqueFd file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return system_error("creating " + temporary, errno);
  TRY(write_all(file.get(), to_json(secrets)));
  if (::fsync(file.get()) != 0) return system_error("syncing " + temporary, errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return system_error("creating " + path, errno);
  UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return system_error("syncing " + folder, errno);
  return {};
}

std::string text_member(const boost::json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  const auto* text = value ? value->if_string() : nullptr;
  return text ? std::string(text->data(), text->size()) : std::string();
}

Result<Secrets> parse(const std::string& path, std::string_view text) {
  boost::system::error_code error;
  auto value = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object()) return bad_file(path);
  const auto& object = value.get_object();
  Secrets secrets;
  auto cursor = base64_decode(text_member(object, "cursor_secret"));
  secrets.object_credentials.access_key_id = text_member(object, "access_key_id");
  secrets.object_credentials.secret_access_key = text_member(object, "secret_access_key");
  bool whole = cursor.ok() && cursor->size() >= 32 &&
               !secrets.object_credentials.access_key_id.empty() &&
               secrets.object_credentials.secret_access_key.size() >= 32;
  if (!whole) return bad_file(path);
  secrets.cursor_secret = std::move(*cursor);
  return secrets;
}

}  // namespace

Result<Secrets> load_or_create_secrets(const std::string& data_folder, Random& random) {
  std::string path = data_folder + "/secrets.json";
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno != ENOENT) return internal_error(path + " cannot be read.");
  if (!file) {
    Secrets secrets = make_secrets(random);
    TRY(save(data_folder, path, secrets));
    return secrets;
  }
  std::string text(kMaxFile, '\0');
  ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return system_error("reading " + path, errno);
  text.resize(static_cast<std::size_t>(size));
  return parse(path, text);
}

}  // namespace tintype
