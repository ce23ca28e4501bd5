// A folder for one test's database, removed with it, and stores that must open.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "adapters/embedded/sqlite_metadata_store.h"

namespace tintype::testing {

class SqliteTestFolder {
 public:
  SqliteTestFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "tintype-sqlite-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~SqliteTestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  SqliteTestFolder(const SqliteTestFolder&) = delete;
  SqliteTestFolder& operator=(const SqliteTestFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string database() const { return path_ + "/metadata.db"; }
  SqliteMetadataStore::Options options() const {
    SqliteMetadataStore::Options options;
    options.folder = path_;
    return options;
  }

 private:
  std::string path_;
};

inline std::unique_ptr<SqliteMetadataStore> must_open(const SqliteMetadataStore::Options& options) {
  auto store = SqliteMetadataStore::create(options);
  EXPECT_TRUE(store.ok()) << (store.ok() ? "" : store.error().detail);
  return store.ok() ? std::move(*store) : nullptr;
}

}  // namespace tintype::testing
