#include "fronts/cli/upload_command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include "base/encoding.h"
#include "base/json_writer.h"
#include "fronts/cli/progress_bar.h"

namespace tintype {
namespace {

// The files of one command, shared by the threads that upload and the one that prints.
class UploadBatch {
 public:
  UploadBatch(const UploadOptions& options, const RetryPolicy& retry)
      : options_(options),
        retry_(retry),
        outcomes_(options.files.size()),
        sent_(options.files.size()) {}

  void start() {
    auto count = std::min<std::size_t>(options_.concurrency, outcomes_.size());
    for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }

  // Waits a moment for the outcome of file `index`; nothing when it is not there yet.
  const Result<UploadedImage>* wait_for(std::size_t index) {
    std::unique_lock lock(mutex_);
    done_.wait_for(lock, milliseconds(100), [&] { return outcomes_[index].has_value(); });
    return outcomes_[index] ? &*outcomes_[index] : nullptr;
  }

  std::uint64_t bytes_sent() const {
    std::uint64_t total = 0;
    for (const auto& sent : sent_) total += sent.load(std::memory_order_relaxed);
    return total;
  }

 private:
  void work() {
    for (std::size_t i; (i = next_.fetch_add(1)) < outcomes_.size();) {
      auto progress = [&](std::uint64_t bytes) {
        sent_[i].store(bytes, std::memory_order_relaxed);
      };
      auto outcome = upload_file(client_, options_, retry_, options_.files[i], progress);
      std::lock_guard lock(mutex_);
      outcomes_[i].emplace(std::move(outcome));
      done_.notify_all();
    }
  }

  const UploadOptions& options_;
  const RetryPolicy& retry_;
  HttpClient client_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::vector<std::optional<Result<UploadedImage>>> outcomes_;
  std::vector<std::atomic<std::uint64_t>> sent_;
  std::atomic<std::size_t> next_{0};
  std::vector<std::jthread> threads_;  // last: joined before what they use goes
};

std::uint64_t total_size(const std::vector<std::string>& files) {
  std::uint64_t total = 0;
  for (const auto& file : files) {
    struct stat info {};
    if (::stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
      total += static_cast<std::uint64_t>(info.st_size);
    }
  }
  return total;
}

std::string text_line(const UploadedImage& image) {
  auto size = std::to_string(image.width) + "x" + std::to_string(image.height);
  if (image.width == 0) size = "-";
  return image.id + "  " + image.filename + "  " + size + "  " + std::to_string(image.size) + "  " +
         image.status + (image.duplicate ? " (duplicate)" : "") + "\n";
}

// File names are bytes; JSON is UTF-8.
std::string as_utf8(std::string text) {
  if (is_valid_utf8(text)) return text;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return text;
}

std::string json_line(const std::string& file, const Result<UploadedImage>& outcome) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("file").string(as_utf8(file)).key("ok").boolean(outcome.ok());
  if (outcome) {
    json.key("duplicate").boolean(outcome->duplicate).key("image").raw(outcome->json);
  } else {
    json.key("error").string(outcome.error().detail);
  }
  json.end_object();
  return out + "\n";
}

void print(const UploadOptions& options, const UploadStreams& streams, const std::string& file,
           const Result<UploadedImage>& outcome) {
  if (!outcome) {
    std::fprintf(streams.err, "tintype: %s: %s\n", file.c_str(), outcome.error().detail.c_str());
  }
  std::string line;
  if (options.json) line = json_line(file, outcome);
  else if (outcome) line = text_line(*outcome);
  std::fwrite(line.data(), 1, line.size(), streams.out);
  std::fflush(streams.out);
}

}  // namespace

int upload_command(const UploadOptions& options, const RetryPolicy& retry, UploadStreams streams) {
  std::signal(SIGPIPE,
              SIG_IGN);  // a connection or a reader that goes away is an error, not the end
  ProgressBar bar(streams.err, total_size(options.files), options.files.size());
  UploadBatch batch(options, retry);
  batch.start();
  bool all_succeeded = true;
  for (std::size_t i = 0; i < options.files.size(); ++i) {
    const Result<UploadedImage>* outcome = nullptr;
    while (!(outcome = batch.wait_for(i))) bar.draw(batch.bytes_sent(), i);
    bar.clear();
    print(options, streams, options.files[i], *outcome);
    all_succeeded = all_succeeded && outcome->ok();
  }
  return all_succeeded && !std::ferror(streams.out) ? 0 : 1;
}

}  // namespace tintype
