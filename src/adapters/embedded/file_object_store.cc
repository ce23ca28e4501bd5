#include "adapters/embedded/file_object_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "adapters/embedded/file_listing.h"
#include "ports/object_rules.h"

namespace tintype {
namespace {

constexpr char kDigestAttribute[] = "user.tintype.sha256";
constexpr mode_t kFolderMode = 0750;
constexpr std::size_t kCopyChunk = 256 * 1024;

bool lacks_attributes(ssize_t error) { return error == -EOPNOTSUPP || error == -ENOSYS; }

Timestamp modified_of(const struct stat& st) {
  return Timestamp(std::chrono::duration_cast<milliseconds>(
      seconds(st.st_mtim.tv_sec) + std::chrono::nanoseconds(st.st_mtim.tv_nsec)));
}

// Where attributes are not kept: names one inode's content, since content never changes in place.
std::string derived_etag(const struct stat& st) {
  return content_etag(sha256(std::to_string(st.st_ino) + " " + std::to_string(st.st_size) + " " +
                             std::to_string(st.st_mtim.tv_sec) + " " +
                             std::to_string(st.st_mtim.tv_nsec)));
}

// Opens `path` below `parent`, made when it is missing. The caller makes new entries durable.
Result<UniqueFd> open_folder(FileSystem& fs, int parent, const std::string& path) {
  const int made = fs.make_dir_at(parent, path, kFolderMode);
  if (made < 0 && made != -EEXIST) return system_error("make the folder " + path, -made);
  const int fd = fs.open_at(parent, path, O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0) return system_error("open the folder " + path, -fd);
  return UniqueFd(fd);
}

bool is_bucket_name(std::string_view name) {
  return check_object_key(name).ok() && name.find('/') == std::string_view::npos;
}

}  // namespace

class FileObjectStore::Writer final : public ObjectWriter {
 public:
  Writer(FileObjectStore& store, ObjectIntake intake, ObjectPath path, DurableFile file)
      : store_(store), intake_(std::move(intake)), path_(std::move(path)), file_(std::move(file)) {}

  Result<void> write(std::string_view bytes) override {
    if (!file_) return internal_error("write after the end of a put");
    auto written = intake_.accept(bytes);
    if (written.ok()) written = file_->append(bytes);
    if (!written.ok()) file_.reset();
    return written;
  }

  Result<PutResult> commit() override {
    if (!file_) return internal_error("commit after the end of a put");
    DurableFile file = std::move(*file_);
    file_.reset();
    std::string digest = TRY(intake_.finish());
    const int kept =
        store_.fs_.set_xattr(file.fd(), kDigestAttribute, digest.data(), digest.size());
    if (kept < 0 && !lacks_attributes(kept)) return system_error("keep a digest", -kept);
    TRY(file.sync());
    ObjectInfo info = TRY(store_.info_of(intake_.key(), file.fd()));
    TRY(store_.publish(file, path_));
    return PutResult{std::move(info), std::move(digest)};
  }

 private:
  FileObjectStore& store_;
  ObjectIntake intake_;
  ObjectPath path_;
  std::optional<DurableFile> file_;  // nothing once committed or failed
};

FileObjectStore::FileObjectStore(FileObjectStoreOptions options, FileSystem& fs, UniqueFd root)
    : options_(std::move(options)),
      presigner_(options_.presigner),
      fs_(fs),
      root_(std::move(root)),
      fan_out_(folder()) {}
FileObjectStore::~FileObjectStore() = default;

Result<std::unique_ptr<FileObjectStore>> FileObjectStore::create(FileObjectStoreOptions options,
                                                                 FileSystem& fs) {
  if (!is_bucket_name(options.presigner.bucket)) {
    return invalid_error("invalid_bucket", "The bucket's name must be usable as a folder's.");
  }
  const UniqueFd data = TRY(open_folder(fs, AT_FDCWD, options.root));
  const UniqueFd objects = TRY(open_folder(fs, data.get(), "objects"));
  UniqueFd root = TRY(open_folder(fs, objects.get(), options.presigner.bucket));
  const UniqueFd temp = TRY(open_folder(fs, root.get(), std::string(kTempFolder)));
  std::unique_ptr<FileObjectStore> store(
      new FileObjectStore(std::move(options), fs, std::move(root)));
  TRY(store->fan_out_.prepare());
  TRY(store->remove_leftovers());
  // A process that was killed may have left names that are visible but not yet on the disk.
  // Afterwards all folders that exist are durable, which is what FanOut needs.
  const int synced = fs.syncfs(store->root_.get());
  if (synced < 0) return system_error("sync the file system of the objects", -synced);
  return store;
}

Result<void> FileObjectStore::remove_leftovers() {
  std::vector<std::string> names;
  TRY(for_each_name(folder(), std::string(kTempFolder),
                    [&](std::string_view name) { names.emplace_back(name); }));
  for (const std::string& name : names) {
    const int removed = fs_.unlink_at(root_.get(), std::string(kTempFolder) + "/" + name);
    if (removed < 0) return system_error("remove a leftover temporary file", -removed);
  }
  return {};
}

Result<ObjectInfo> FileObjectStore::info_of(std::string key, int fd) {
  struct stat st {};
  const int found = fs_.stat_fd(fd, st);
  if (found < 0) return system_error("stat of an object", -found);
  if (!S_ISREG(st.st_mode)) return not_found_error("There is no such object.");
  char digest[32];
  const ssize_t size = fs_.get_xattr(fd, kDigestAttribute, digest, sizeof digest);
  if (size < 0 && size != -ENODATA && !lacks_attributes(size)) {
    return system_error("read an object's digest", static_cast<int>(-size));
  }
  return ObjectInfo{
      std::move(key), static_cast<std::uint64_t>(st.st_size),
      size == sizeof digest ? content_etag({digest, sizeof digest}) : derived_etag(st),
      modified_of(st)};
}

Result<FileObjectStore::Opened> FileObjectStore::open_file(std::string_view key,
                                                           const ObjectPath& path) {
  const int fd = fs_.open_at(root_.get(), path.full(), O_RDONLY | O_NOFOLLOW, 0);
  if (fd == -ENOENT) return not_found_error("There is no such object.");
  if (fd < 0) return system_error("open an object", -fd);
  Opened opened{{}, UniqueFd(fd)};
  opened.info = TRY(info_of(std::string(key), fd));
  return opened;
}

Result<void> FileObjectStore::check_space(std::uint64_t announced) {
  struct statvfs space {};
  const int known = fs_.stat_space(root_.get(), space);
  if (known < 0) return system_error("ask for the free space", -known);
  const std::uint64_t free = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
  if (free < options_.min_free_bytes || free - options_.min_free_bytes < announced) {
    return storage_full_error("The folder of the objects has too little free space.");
  }
  return {};
}

Result<void> FileObjectStore::publish(DurableFile& file, const ObjectPath& path) {
  TRY(fan_out_.ensure(path.folder));
  const auto lock = fan_out_.lock(path);
  return file.publish(path, fan_out_);
}

Result<std::unique_ptr<ObjectWriter>> FileObjectStore::put(const PutSpec& spec) {
  ObjectIntake intake = TRY(ObjectIntake::create(spec));
  ObjectPath path = TRY(object_path(spec.key));
  // A full disk is found before the first byte by asking for the free space; setting blocks aside
  // with fallocate made no put faster and some slower (bench/object_store_bench.cc).
  TRY(check_space(spec.size.value_or(0)));
  // Before the bytes, so that syncing them commits the new folder too (on journalling systems).
  TRY(fan_out_.ensure(path.folder));
  DurableFile file = TRY(DurableFile::create(folder(), options_.named_temp_files));
  return std::unique_ptr<ObjectWriter>(
      std::make_unique<Writer>(*this, std::move(intake), std::move(path), std::move(file)));
}

Result<OpenObject> FileObjectStore::open(std::string_view key, std::optional<ByteRange> range) {
  Opened opened = TRY(open_file(key, TRY(object_path(key))));
  const ByteSpan span = TRY(resolve_range(range, opened.info.size));
  return OpenObject{std::move(opened.info), std::move(opened.fd), span.offset, span.length};
}

Result<ObjectInfo> FileObjectStore::head(std::string_view key) {
  return TRY(open_file(key, TRY(object_path(key)))).info;
}

Result<ObjectInfo> FileObjectStore::copy(std::string_view from, std::string_view to,
                                         std::string_view if_etag) {
  const ObjectPath target = TRY(object_path(to));
  Opened source = TRY(open_file(from, TRY(object_path(from))));
  if (!if_etag.empty() && source.info.etag != if_etag) return stale_error();
  source.info.key = to;
  if (from == to) return std::move(source.info);
  auto linked = link(source.fd.get(), target);
  if (linked.ok()) return std::move(source.info);
  // A file that lost its last name since it was opened cannot get another one; its bytes are there.
  bool nameless = linked.error().is(ErrorKind::not_found);
  if (nameless || linked.error().is(kNoHardLink)) return copy_bytes(source);
  return std::move(linked).error();
}

Result<void> FileObjectStore::link(int fd, const ObjectPath& path) {
  TRY(fan_out_.ensure(path.folder));
  const auto lock = fan_out_.lock(path);
  return publish_link(folder(), fd, path, fan_out_);
}

// For file systems without hard links, and for a file that has as many as it can have.
Result<ObjectInfo> FileObjectStore::copy_bytes(const Opened& source) {
  auto writer = TRY(put({.key = source.info.key, .size = source.info.size}));
  std::string chunk(kCopyChunk, '\0');
  std::uint64_t offset = 0;
  while (offset < source.info.size) {
    const ssize_t size =
        ::pread(source.fd.get(), chunk.data(), chunk.size(), static_cast<off_t>(offset));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return system_error("read of an object to copy", errno);
    if (size == 0) return internal_error("an object's file is shorter than it was");
    TRY(writer->write({chunk.data(), static_cast<std::size_t>(size)}));
    offset += static_cast<std::uint64_t>(size);
  }
  return TRY(writer->commit()).info;
}

Result<bool> FileObjectStore::unlink(const ObjectPath& path) {
  const int removed = fs_.unlink_at(root_.get(), path.full());
  if (removed < 0 && removed != -ENOENT) return system_error("remove an object", -removed);
  return removed == 0;
}

Result<void> FileObjectStore::remove(std::string_view key) {
  const ObjectPath path = TRY(object_path(key));
  const auto lock = fan_out_.lock(path);
  const bool removed = TRY(unlink(path));
  return removed ? fan_out_.sync(path.folder) : fan_out_.settle(path.folder);
}

Result<void> FileObjectStore::discard(std::string_view key) {
  const ObjectPath path = TRY(object_path(key));
  const auto lock = fan_out_.lock(path);
  if (TRY(unlink(path))) fan_out_.leave_unsynced(path.folder);
  return {};
}

Result<std::size_t> FileObjectStore::remove_directly_below(FolderIndex index,
                                                           std::string_view prefix) {
  std::size_t removed = 0;
  for (const FoundKey& object : TRY(keys_directly_below(folder(), index, prefix))) {
    const auto lock = fan_out_.lock(object.path);
    if (TRY(unlink(object.path))) ++removed;
  }
  TRY(removed != 0 ? fan_out_.sync(index) : fan_out_.settle(index));
  return removed;
}

Result<std::size_t> FileObjectStore::remove_prefix(std::string_view prefix) {
  TRY(check_removal_prefix(prefix));
  if (const auto only = folder_of_prefix(prefix)) return remove_directly_below(*only, prefix);
  std::size_t removed = 0;
  for (FolderIndex index = kNestedFolders; index < kFanOutFolders; ++index) {
    removed += TRY(remove_directly_below(index, prefix));
  }
  return removed;
}

Result<ObjectPage> FileObjectStore::list(std::string_view prefix, std::string_view continuation,
                                         std::size_t limit) {
  TRY(check_list_prefix(prefix));
  FilePosition position;
  if (!continuation.empty()) {
    position = TRY(FilePosition::parse(TRY(parse_continuation(continuation))));
  }
  const auto found =
      TRY(next_keys(folder(), prefix, position, std::clamp<std::size_t>(limit, 1, kMaxListPage)));
  ObjectPage page;
  for (const FoundKey& object : found) {
    auto opened = open_file(object.key, object.path);
    if (opened.ok()) page.objects.push_back(std::move(opened->info));
    else if (!opened.error().is(ErrorKind::not_found)) return std::move(opened).error();
  }
  if (position.folder < kFanOutFolders) page.next = make_continuation(position.to_string());
  return page;
}

Result<PresignedUrl> FileObjectStore::presign_put(const PresignPut& request) {
  TRY(object_path(request.key));
  return presigner_.put(request);
}
Result<PresignedUrl> FileObjectStore::presign_get(const PresignGet& request) {
  TRY(object_path(request.key));
  return presigner_.get(request);
}
Result<PresignedPost> FileObjectStore::presign_post(const PresignPost& request) {
  TRY(object_path(request.key));
  return presigner_.post(request);
}

Result<void> FileObjectStore::check() {
  const int writable = fs_.access_at(root_.get(), ".", W_OK | X_OK);
  if (writable < 0) return system_error("the folder of the objects is not writable", -writable);
  return check_space(0);
}

}  // namespace tintype
