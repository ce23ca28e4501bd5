// RenditionContent: the bytes of a rendition, in memory when they are few, else in an open file; or
// only where they are, in a store from which clients fetch them by themselves.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ports/object_store.h"

namespace tintype {

struct RenditionContent {
  std::shared_ptr<const std::string> bytes;  // all of it; null: in the file
  std::shared_ptr<UniqueFd> file;            // `size` bytes from `offset`
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::string object;  // the key, when neither is here
};

// `size` bytes from `offset` of a file, which are read when they are at most `max_in_memory`.
// Errors: of reading them.
Result<RenditionContent> load_content(UniqueFd file, std::uint64_t offset, std::uint64_t size,
                                      std::uint64_t max_in_memory);

// Stores the content as an object, replacing what is there. Errors: the store's.
Result<void> put_content(ObjectStore& objects, const std::string& key,
                         const RenditionContent& content);

}  // namespace tintype
