#include "adapters/embedded/reader_pool.h"

namespace tintype {

Result<ReaderPool::Lease> ReaderPool::take() {
  {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [this] { return !free_.empty() || open_ < options_.max_connections; });
    if (!free_.empty()) {
      auto connection = std::move(free_.back());  // the one used last has the warmest cache
      free_.pop_back();
      return Lease(*this, std::move(connection));
    }
    ++open_;
  }
  auto opened = open();
  if (opened.ok()) return Lease(*this, std::move(opened).value());
  {
    std::lock_guard lock(mutex_);
    --open_;
  }
  freed_.notify_one();
  return std::move(opened).error();
}

Result<std::unique_ptr<SqliteConnection>> ReaderPool::open() const {
  auto connection = TRY(SqliteConnection::open(options_.path, SqliteConnection::Mode::read_only));
  const std::string pragmas = "PRAGMA query_only=1; PRAGMA cache_size=-" +
                              std::to_string(options_.cache_kib) +
                              "; PRAGMA mmap_size=" + std::to_string(options_.mmap_bytes);
  TRY(connection.execute(pragmas.c_str()));
  return std::make_unique<SqliteConnection>(std::move(connection));
}

void ReaderPool::give_back(std::unique_ptr<SqliteConnection> connection) {
  {
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(connection));
  }
  freed_.notify_one();
}

Result<ReadTransaction> ReadTransaction::begin(SqliteConnection& connection) {
  TRY(connection.run("BEGIN"));
  return ReadTransaction(connection);
}

ReadTransaction::~ReadTransaction() {
  if (connection_ != nullptr) (void)connection_->run("COMMIT");
}

}  // namespace tintype
