#include "conformance/metadata_store_conformance.h"
#include "unit/embedded/sqlite_test_folder.h"

namespace tintype::testing {
namespace {

std::shared_ptr<MetadataStore> make_store(const SqliteMetadataStore::Options& changes) {
  auto folder = std::make_shared<SqliteTestFolder>();
  SqliteMetadataStore::Options options = changes;
  options.folder = folder->path();
  std::shared_ptr<MetadataStore> store = must_open(options);
  // The folder goes after the store.
  return {store.get(), [folder, store](MetadataStore*) mutable { store.reset(); }};
}

SqliteMetadataStore::Options uncached() {
  SqliteMetadataStore::Options options;
  options.record_cache_bytes = 0;
  options.query_budget = 5;  // pages end early all the time
  options.readers = 1;
  return options;
}

INSTANTIATE_TEST_SUITE_P(
    Sqlite, MetadataStoreTest,
    ::testing::Values(MetadataStoreFactory{"sqlite", [] { return make_store({}); }},
                      MetadataStoreFactory{"sqlite_uncached", [] { return make_store(uncached()); },
                                           40}),
    factory_name);

}  // namespace
}  // namespace tintype::testing
