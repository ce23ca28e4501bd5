// The file store beside the bare system calls: what a put of 500 KB adds to write + fdatasync of as
// many bytes in the same folder, what 8 threads put per second, and what it costs to open and read
// an object.
//
//   object_store_bench [folder] [rounds]
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/embedded/file_object_store.h"

namespace {

using namespace tintype;
constexpr std::size_t kSize = 500'000;

void require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s failed\n", what);
  std::exit(1);
}

// Microseconds of one call. The variants take turns, so that a busy disk hits them alike.
std::vector<double> medians(int rounds, const std::vector<std::function<void(int)>>& variants) {
  std::vector<std::vector<double>> samples(variants.size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t v = 0; v < variants.size(); ++v) {
      const auto start = std::chrono::steady_clock::now();
      variants[v](round);
      const std::chrono::duration<double, std::micro> took =
          std::chrono::steady_clock::now() - start;
      samples[v].push_back(took.count());
    }
  }
  std::vector<double> result;
  for (auto& s : samples) {
    std::nth_element(s.begin(), s.begin() + rounds / 2, s.end());
    result.push_back(s[static_cast<std::size_t>(rounds) / 2]);
  }
  return result;
}

void bare_write(const std::string& folder, const std::string& bytes, int round, bool allocate) {
  const std::string path = folder + "/bare" + std::to_string(round) + (allocate ? "a" : "b");
  const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  require(fd >= 0, "open");
  if (allocate) require(::posix_fallocate(fd, 0, kSize) == 0, "posix_fallocate");
  require(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
  require(::fdatasync(fd) == 0, "fdatasync");
  ::close(fd);
}

void put(ObjectStore& store, const std::string& key, const std::string& bytes) {
  auto writer = store.put({.key = key, .size = bytes.size()});
  require(writer.ok() && (*writer)->write(bytes).ok() && (*writer)->commit().ok(), "put");
}

constexpr int kThreads = 8;
constexpr int kPerRound = 200;

// Calls per second of `work`, by 8 threads.
double rate(const std::function<void(int)>& work) {
  std::atomic<int> next = 0;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = next++; i < kPerRound; i = next++) work(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return kPerRound / took.count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// The least that a durable file can cost: its bytes and its name are synced.
double bare_rate(const std::string& folder, const std::string& bytes) {
  const std::string path = folder + "/bare.d";
  std::filesystem::create_directory(path);
  const int dir = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  require(dir >= 0, "open of a folder");
  const double result = rate([&](int i) {
    bare_write(path, bytes, i, false);
    require(::fsync(dir) == 0, "fsync");
  });
  ::close(dir);
  std::filesystem::remove_all(path);
  ::sync();
  return result;
}

struct NamedWork {
  const char* what;
  std::function<void(ObjectStore& store, int i)> work;
};

// Each kind of call, in a store that has seen nothing, by 8 threads and in turns with the bare one.
void measure_threads(const std::string& folder, const std::string& bytes, int rounds) {
  const std::string prefix = "originals/00000000-0000-7000-8000-000000000000/";
  const NamedWork works[] = {
      {"put, new folder each",
       [&](auto& s, int i) { put(s, prefix + std::to_string(i) + "/photo.jpg", bytes); }},
      {"put, folders there",
       [&](auto& s, int i) { put(s, prefix + std::to_string(i) + "/other.jpg", bytes); }},
      {"put of incoming", [&](auto& s, int i) { put(s, "incoming/" + std::to_string(i), bytes); }},
      {"copy to a new folder",
       [&](auto& s, int i) {
         const std::string id = std::to_string(i);
         require(s.copy("incoming/" + id, prefix + "copy-" + id + "/photo.jpg").ok(), "copy");
       }},
      {"remove of incoming",
       [&](auto& s, int i) { require(s.remove("incoming/" + std::to_string(i)).ok(), "remove"); }},
  };
  std::vector<double> bare;
  std::vector<std::vector<double>> rates(std::size(works)), shares(std::size(works));
  for (int round = 0; round < rounds; ++round) {
    const std::string data = folder + "/threads" + std::to_string(round);
    auto store = FileObjectStore::create({.root = data});
    require(store.ok(), "create");
    for (std::size_t w = 0; w < std::size(works); ++w) {
      bare.push_back(bare_rate(folder, bytes));
      rates[w].push_back(rate([&](int i) { works[w].work(**store, i); }));
      shares[w].push_back(rates[w].back() / bare.back());
    }
    store->reset();
    std::filesystem::remove_all(data);
    ::sync();
  }
  std::printf("%d threads, bare write + fdatasync + fsync of the folder %6.0f/s\n", kThreads,
              median(bare));
  for (std::size_t w = 0; w < std::size(works); ++w) {
    std::printf("  %-34s %8.0f/s  %.2f\n", works[w].what, median(rates[w]), median(shares[w]));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = std::string(argc > 1 ? argv[1] : ".") + "/object_store_bench.data";
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 200;
  std::filesystem::create_directories(folder);
  auto made = FileObjectStore::create({.root = folder});
  require(made.ok(), "create");
  ObjectStore& store = **made;
  std::string bytes(kSize, 'x');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 2654435761u >> 13);

  const auto writes =
      medians(rounds, {[&](int i) { bare_write(folder, bytes, i, false); },
                       [&](int i) { bare_write(folder, bytes, i, true); },
                       [&](int i) { put(store, "incoming/" + std::to_string(i), bytes); },
                       [&](int i) { put(store, "renditions/1/" + std::to_string(i), bytes); }});
  std::printf("write + fdatasync of 500 KB          %8.0f us\n", writes[0]);
  std::printf("  with posix_fallocate before        %8.0f us  %.2f of it\n", writes[1],
              writes[1] / writes[0]);
  std::printf("put, folders of the fan-out (share)  %8.0f us  %.2f\n", writes[2],
              writes[0] / writes[2]);
  std::printf("put, one folder (share)              %8.0f us  %.2f\n", writes[3],
              writes[0] / writes[3]);

  std::string buffer(kSize, '\0');
  const std::string path = folder + "/bare0b";
  const auto reads = medians(
      rounds * 10, {[&](int) {
                      const int fd = ::open(path.c_str(), O_RDONLY);
                      require(::pread(fd, buffer.data(), kSize, 0) > 0, "pread");
                      ::close(fd);
                    },
                    [&](int) {
                      const auto object = store.open("renditions/1/0");
                      require(object.ok() && ::pread(object->fd.get(), buffer.data(), kSize, 0) > 0,
                              "open");
                    },
                    [&](int) { require(store.head("renditions/1/0").ok(), "head"); }});
  std::printf("open + pread of 500 KB, bare         %8.1f us\n", reads[0]);
  std::printf("open + pread of an object (share)    %8.1f us  %.2f\n", reads[1],
              reads[0] / reads[1]);
  std::printf("head                                 %8.1f us\n", reads[2]);
  made->reset();
  measure_threads(folder, bytes, std::max(3, rounds / 40));
  std::filesystem::remove_all(folder);
}
