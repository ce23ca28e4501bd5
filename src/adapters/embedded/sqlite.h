// A thin, typed layer over SQLite: connections that keep their prepared statements, queries that
// reset themselves, and the one map from SQLite's error codes to ours.
//
// Threading: a connection and its queries belong to one thread at a time (SQLite is opened without
// its own mutexes).
// Errors: `storage_full` when the disk or a size limit is; `unavailable` when busy or out of memory
// or descriptors; `internal` for everything else (damaged file, read-only folder, I/O error).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tintype {

// One run of a prepared statement; ready for the next when destroyed. Bound texts are not copied
// and must live until then. Parameters count from 1, columns from 0, as in SQLite. Every parameter
// must be bound in every run.
class SqliteQuery {
 public:
  SqliteQuery(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
  ~SqliteQuery();
  SqliteQuery(SqliteQuery&& other) noexcept
      : db_(other.db_), statement_(std::exchange(other.statement_, nullptr)) {}
  SqliteQuery& operator=(SqliteQuery&&) = delete;

  void bind(int at, std::int64_t value);
  void bind(int at, std::optional<std::int64_t> value);
  void bind(int at, Timestamp value) { bind(at, value.time_since_epoch().count()); }
  void bind(int at, const std::optional<Timestamp>& value);
  void bind_text(int at, std::string_view text);
  void bind_text(int at, const std::optional<std::string>& text);
  void bind_blob(int at, std::string_view bytes);
  void bind_null(int at);

  // True when there is a row to read, false after the last.
  Result<bool> step();
  // Runs a statement that yields no rows.
  Result<void> run();

  bool is_null(int at) const;
  std::int64_t integer(int at) const;
  Timestamp time(int at) const { return Timestamp(milliseconds(integer(at))); }
  std::optional<Timestamp> optional_time(int at) const;
  // Valid until the next step.
  std::string_view text(int at) const;
  std::string_view blob(int at) const;
  std::optional<std::string> optional_text(int at) const;

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_;
};

class SqliteConnection {
 public:
  enum class Mode : std::uint8_t { read_write, read_only };

  // Opens (and for read_write creates) the database file.
  static Result<SqliteConnection> open(const std::string& path, Mode mode);

  // Runs one or several statements without parameters.
  Result<void> execute(const char* sql);
  // `sql` must be a string literal: its address is the key under which the prepared statement is
  // kept. A statement has one run at a time.
  Result<SqliteQuery> query(const char* sql);
  // Runs a statement without parameters or rows, prepared and kept like those of `query`.
  Result<void> run(const char* sql);
  // The one integer that `sql` yields; nothing when it yields no row.
  Result<std::optional<std::int64_t>> integer(const char* sql);

  bool in_transaction() const;
  // Rows that the last insert, update or delete changed.
  std::int64_t changes() const;

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  explicit SqliteConnection(sqlite3* db) : db_(db) {}

  std::unique_ptr<sqlite3, Close> db_;
  std::unordered_map<const char*, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

// The error of the last call on the connection.
Error sqlite_error(sqlite3* db);

}  // namespace tintype
