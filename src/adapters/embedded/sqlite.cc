#include "adapters/embedded/sqlite.h"

#include <sqlite3.h>

#include <cerrno>

namespace tintype {
namespace {

constexpr int kBusyMilliseconds = 5000;

bool is_full(int code, int system_errno) {
  return code == SQLITE_FULL ||
         (code == SQLITE_IOERR && (system_errno == ENOSPC || system_errno == EDQUOT));
}

bool is_passing(int code, int system_errno) {
  return code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_NOMEM ||
         (code == SQLITE_CANTOPEN && (system_errno == EMFILE || system_errno == ENFILE));
}

}  // namespace

Error sqlite_error(sqlite3* db) {
  if (db == nullptr) return unavailable_error("metadata store: out of memory");
  const int code = sqlite3_errcode(db) & 0xFF;
  const int system_errno = sqlite3_system_errno(db);
  const std::string detail = std::string("metadata store: ") + sqlite3_errmsg(db);
  if (is_full(code, system_errno)) return storage_full_error("The metadata store is full.");
  if (is_passing(code, system_errno)) return unavailable_error(detail);
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    return internal_error("metadata store: the database file is damaged (" +
                          std::string(sqlite3_errmsg(db)) + "); restore it from a backup");
  if (code == SQLITE_READONLY)
    return internal_error("metadata store: the database file or its folder is read-only");
  return internal_error(detail + " (code " + std::to_string(sqlite3_extended_errcode(db)) + ")");
}

SqliteQuery::~SqliteQuery() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

void SqliteQuery::bind(int at, std::int64_t value) { sqlite3_bind_int64(statement_, at, value); }

void SqliteQuery::bind(int at, std::optional<std::int64_t> value) {
  if (value) bind(at, *value);
  else bind_null(at);
}

void SqliteQuery::bind(int at, const std::optional<Timestamp>& value) {
  if (value) bind(at, *value);
  else bind_null(at);
}

void SqliteQuery::bind_text(int at, std::string_view text) {
  // A null pointer would mean NULL, also with length 0.
  sqlite3_bind_text64(statement_, at, text.data() == nullptr ? "" : text.data(), text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}

void SqliteQuery::bind_text(int at, const std::optional<std::string>& text) {
  if (text) bind_text(at, std::string_view(*text));
  else bind_null(at);
}

void SqliteQuery::bind_blob(int at, std::string_view bytes) {
  sqlite3_bind_blob64(statement_, at, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(),
                      SQLITE_STATIC);
}

void SqliteQuery::bind_null(int at) { sqlite3_bind_null(statement_, at); }

Result<bool> SqliteQuery::step() {
  switch (sqlite3_step(statement_)) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: return sqlite_error(db_);
  }
}

Result<void> SqliteQuery::run() {
  while (TRY(step())) {
  }
  return {};
}

bool SqliteQuery::is_null(int at) const {
  return sqlite3_column_type(statement_, at) == SQLITE_NULL;
}

std::int64_t SqliteQuery::integer(int at) const { return sqlite3_column_int64(statement_, at); }

std::optional<Timestamp> SqliteQuery::optional_time(int at) const {
  if (is_null(at)) return std::nullopt;
  return time(at);
}

std::string_view SqliteQuery::text(int at) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, at));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, at))};
}

std::string_view SqliteQuery::blob(int at) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, at));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, at))};
}

std::optional<std::string> SqliteQuery::optional_text(int at) const {
  if (is_null(at)) return std::nullopt;
  return std::string(text(at));
}

void SqliteConnection::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

void SqliteConnection::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Result<SqliteConnection> SqliteConnection::open(const std::string& path, Mode mode) {
  // SQLite's own count of its memory costs a global mutex at each allocation. Once, before its
  // first use; when something else has used it already, it stays as it is.
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)configured;
  const int access =
      mode == Mode::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, access | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteConnection connection(db);
  if (code != SQLITE_OK) return sqlite_error(db);
  sqlite3_busy_timeout(db, kBusyMilliseconds);
  return connection;
}

Result<void> SqliteConnection::execute(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return sqlite_error(db_.get());
  return {};
}

Result<SqliteQuery> SqliteConnection::query(const char* sql) {
  auto& statement = statements_[sql];
  if (!statement) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v3(db_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr) !=
        SQLITE_OK)
      return sqlite_error(db_.get());
    statement.reset(prepared);
  }
  return SqliteQuery(db_.get(), statement.get());
}

Result<void> SqliteConnection::run(const char* sql) {
  auto q = TRY(query(sql));
  return q.run();
}

Result<std::optional<std::int64_t>> SqliteConnection::integer(const char* sql) {
  auto q = TRY(query(sql));
  if (!TRY(q.step())) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(q.integer(0));
}

bool SqliteConnection::in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }

std::int64_t SqliteConnection::changes() const { return sqlite3_changes64(db_.get()); }

}  // namespace tintype
