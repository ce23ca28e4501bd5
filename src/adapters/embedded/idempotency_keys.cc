#include "adapters/embedded/idempotency_keys.h"

namespace tintype {
namespace {

using Kind = IdempotencyState::Kind;

constexpr char kSelect[] =
    "SELECT fingerprint, held_until, status, headers, body FROM idempotency_keys "
    "WHERE key=?1 AND expires_at>?2";
constexpr char kHold[] =
    "REPLACE INTO idempotency_keys(key, fingerprint, held_until, expires_at) VALUES(?1,?2,?3,?4)";
// The first answer stays: a replay must never change.
constexpr char kFinish[] =
    "UPDATE idempotency_keys SET status=?2, headers=?3, body=?4 WHERE key=?1 AND status IS NULL";
constexpr char kAbandon[] = "DELETE FROM idempotency_keys WHERE key=?1 AND status IS NULL";
constexpr char kForget[] = "DELETE FROM idempotency_keys WHERE expires_at<=?1";

// The state of a key that is in use, or nothing when it is free.
Result<std::optional<IdempotencyState>> state_in_use(SqliteConnection& connection,
                                                     const IdempotencyRequest& request) {
  auto q = TRY(connection.query(kSelect));
  q.bind_text(1, std::string_view(request.key));
  q.bind(2, request.now);
  if (!TRY(q.step())) return std::optional<IdempotencyState>();
  const bool answered = !q.is_null(2);
  if (!answered && q.time(1) <= request.now) return std::optional<IdempotencyState>();
  IdempotencyState state;
  if (q.text(0) != request.fingerprint) {
    state.kind = Kind::mismatch;
  } else if (!answered) {
    state.kind = Kind::in_progress;
  } else {
    state.kind = Kind::replay;
    state.answer = {static_cast<int>(q.integer(2)), std::string(q.text(3)), std::string(q.text(4))};
  }
  return std::optional<IdempotencyState>(std::move(state));
}

}  // namespace

Result<IdempotencyState> begin_key(SqliteConnection& connection,
                                   const IdempotencyRequest& request) {
  if (auto state = TRY(state_in_use(connection, request))) return *std::move(state);
  auto q = TRY(connection.query(kHold));
  q.bind_text(1, std::string_view(request.key));
  q.bind_text(2, std::string_view(request.fingerprint));
  q.bind(3, request.held_until);
  q.bind(4, request.expires_at);
  TRY(q.run());
  return IdempotencyState{Kind::fresh, {}};
}

Result<void> finish_key(SqliteConnection& connection, std::string_view key,
                        const StoredAnswer& answer) {
  auto q = TRY(connection.query(kFinish));
  q.bind_text(1, key);
  q.bind(2, std::int64_t{answer.status});
  q.bind_text(3, std::string_view(answer.headers));
  q.bind_text(4, std::string_view(answer.body));
  return q.run();
}

Result<void> abandon_key(SqliteConnection& connection, std::string_view key) {
  auto q = TRY(connection.query(kAbandon));
  q.bind_text(1, key);
  return q.run();
}

Result<std::size_t> forget_keys(SqliteConnection& connection, Timestamp now) {
  auto q = TRY(connection.query(kForget));
  q.bind(1, now);
  TRY(q.run());
  return static_cast<std::size_t>(connection.changes());
}

}  // namespace tintype
