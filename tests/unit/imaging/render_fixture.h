// Renditions made in this process, without workers.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "imaging/decode.h"
#include "imaging/render.h"

namespace tintype {

// libvips may be started once in a process.
inline void start_vips_once() {
  static const bool started = start_vips().ok();
  ASSERT_TRUE(started);
}

inline const HeifLibrary* test_heif() {
  static const auto heif = HeifLibrary::load();
  return heif ? &*heif : nullptr;
}

struct MadePicture {
  RenderedFile file;
  std::string bytes;
};

class MemoryFiles {
 public:
  explicit MemoryFiles(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      files_.emplace_back(memfd_create("rendition", MFD_CLOEXEC));
  }
  std::vector<int> numbers() const {
    std::vector<int> all;
    for (const auto& file : files_) all.push_back(file.get());
    return all;
  }
  std::string bytes(std::size_t i) const {
    std::string all(static_cast<std::size_t>(lseek(files_[i].get(), 0, SEEK_END)), '\0');
    EXPECT_EQ(pread(files_[i].get(), all.data(), all.size(), 0), static_cast<ssize_t>(all.size()));
    return all;
  }

 private:
  std::vector<UniqueFd> files_;
};

inline Result<std::vector<MadePicture>> make_pictures(const std::string& file,
                                                      const std::vector<RenditionSpec>& specs,
                                                      const RenderPolicy& policy = {},
                                                      const Limits& limits = {}) {
  start_vips_once();
  MemoryFiles outputs(specs.size());
  auto files = TRY(render_file(file, specs, policy, limits, test_heif(), outputs.numbers()));
  std::vector<MadePicture> made;
  for (std::size_t i = 0; i < files.size(); ++i) made.push_back({files[i], outputs.bytes(i)});
  for (const auto& one : made) EXPECT_EQ(one.file.size, one.bytes.size());
  return made;
}

// One picture; a failure is one of the test.
inline MadePicture make_picture(const std::string& file, const RenditionSpec& spec,
                                const RenderPolicy& policy = {}) {
  auto made = make_pictures(file, {spec}, policy);
  EXPECT_TRUE(made.ok()) << made.error().detail;
  return made.ok() ? std::move(made->front()) : MadePicture{};
}

inline Result<InspectAnswer> examine_bytes(const std::string& file, const Limits& limits = {}) {
  start_vips_once();
  return examine_file(file, {}, {}, limits, test_heif(), {});
}

inline RenditionSpec spec_of(MediaType format, std::uint32_t width = 0, std::uint32_t height = 0) {
  RenditionSpec spec;
  spec.format = format;
  spec.width = width;
  spec.height = height;
  spec.animated = false;
  return spec;
}

}  // namespace tintype
