// ReaderPool: read-only connections to the database, one per call in progress, at most a few.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/embedded/sqlite.h"

namespace tintype {

class ReaderPool {
 public:
  struct Options {
    std::string path;
    std::size_t max_connections = 4;  // more callers wait; reads are short
    std::size_t cache_kib = 1024;     // page cache of each connection
    std::size_t mmap_bytes = 0;       // how much of the file is read through a mapping
  };

  // A connection on loan; goes back when destroyed.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<SqliteConnection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_));
    }
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    SqliteConnection& operator*() const { return *connection_; }
    SqliteConnection* operator->() const { return connection_.get(); }

   private:
    ReaderPool* pool_;
    std::unique_ptr<SqliteConnection> connection_;
  };

  explicit ReaderPool(Options options) : options_(std::move(options)) {}

  // Waits for a free connection; opens one while there may be more.
  Result<Lease> take();

 private:
  Result<std::unique_ptr<SqliteConnection>> open() const;
  void give_back(std::unique_ptr<SqliteConnection> connection);

  const Options options_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<SqliteConnection>> free_;
  std::size_t open_ = 0;
};

// A read transaction: every query inside it sees the same state.
class ReadTransaction {
 public:
  static Result<ReadTransaction> begin(SqliteConnection& connection);
  ~ReadTransaction();
  ReadTransaction(ReadTransaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  ReadTransaction& operator=(ReadTransaction&&) = delete;

 private:
  explicit ReadTransaction(SqliteConnection& connection) : connection_(&connection) {}
  SqliteConnection* connection_;
};

}  // namespace tintype
