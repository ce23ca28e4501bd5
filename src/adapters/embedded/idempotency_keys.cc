#include "adapters/embedded/idempotency_keys.h"

namespace tintype {
namespace {

using Kind = IdempotencyState::Kind;

constexpr char kSelect[] =
    "SELECT fingerprint, held_until, status, headers, body, seed FROM idempotency_keys "
    "WHERE key=?1 AND expires_at>?2";
constexpr char kHold[] =
    "REPLACE INTO idempotency_keys(key, fingerprint, held_until, expires_at, seed, holder) "
    "VALUES(?1,?2,?3,?4,?5,?6)";
// The first answer stays: a replay must never change.
constexpr char kFinish[] =
    "UPDATE idempotency_keys SET status=?2, headers=?3, body=?4 WHERE key=?1 AND holder=?5 "
    "AND status IS NULL";
constexpr char kAbandon[] =
    "UPDATE idempotency_keys SET held_until=0 WHERE key=?1 AND holder=?2 AND status IS NULL";
constexpr char kForget[] = "DELETE FROM idempotency_keys WHERE expires_at<=?1";

// What is known of a key: fresh with the seed of the try before, where there was one.
Result<IdempotencyState> state_of(SqliteConnection& connection, const IdempotencyRequest& request) {
  IdempotencyState state{Kind::fresh, {}, request.seed};
  auto q = TRY(connection.query(kSelect));
  q.bind_text(1, std::string_view(request.key));
  q.bind(2, request.now);
  if (!TRY(q.step())) return state;
  const bool is_answered = !q.is_null(2), is_same = q.text(0) == request.fingerprint;
  if (!is_answered && q.time(1) <= request.now) {
    // A hold of an older version has no seed.
    if (is_same && !q.blob(5).empty()) state.seed = q.blob(5);
  } else if (!is_same) {
    state.kind = Kind::mismatch;
  } else if (!is_answered) {
    state.kind = Kind::in_progress;
  } else {
    state.kind = Kind::replay;
    state.answer = {static_cast<int>(q.integer(2)), std::string(q.text(3)), std::string(q.text(4))};
  }
  return state;
}

}  // namespace

Result<IdempotencyState> begin_key(SqliteConnection& connection,
                                   const IdempotencyRequest& request) {
  auto state = TRY(state_of(connection, request));
  if (state.kind != Kind::fresh) return state;
  auto q = TRY(connection.query(kHold));
  q.bind_text(1, std::string_view(request.key));
  q.bind_text(2, std::string_view(request.fingerprint));
  q.bind(3, request.held_until);
  q.bind(4, request.expires_at);
  q.bind_blob(5, state.seed);
  q.bind_blob(6, request.holder);
  TRY(q.run());
  return state;
}

Result<void> finish_key(SqliteConnection& connection, std::string_view key, std::string_view holder,
                        const StoredAnswer& answer) {
  auto q = TRY(connection.query(kFinish));
  q.bind_text(1, key);
  q.bind(2, std::int64_t{answer.status});
  q.bind_text(3, std::string_view(answer.headers));
  q.bind_text(4, std::string_view(answer.body));
  q.bind_blob(5, holder);
  return q.run();
}

Result<void> abandon_key(SqliteConnection& connection, std::string_view key,
                         std::string_view holder) {
  auto q = TRY(connection.query(kAbandon));
  q.bind_text(1, key);
  q.bind_blob(2, holder);
  return q.run();
}

Result<std::size_t> forget_keys(SqliteConnection& connection, Timestamp now) {
  auto q = TRY(connection.query(kForget));
  q.bind(1, now);
  TRY(q.run());
  return static_cast<std::size_t>(connection.changes());
}

}  // namespace tintype
