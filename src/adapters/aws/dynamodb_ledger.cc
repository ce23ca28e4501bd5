#include "adapters/aws/dynamodb_ledger.h"

#include <algorithm>

#include "adapters/aws/list_source.h"
#include "base/encoding.h"
#include "base/hash.h"

namespace tintype::dynamodb {
namespace {

using Kind = IdempotencyState::Kind;

constexpr std::size_t kExpiryShards = 4;
constexpr int kHoldTries = 5;
constexpr std::size_t kPartBytes = 300'000;  // of 400 KB that an item may have

// Keys and fingerprints may be any bytes, and of any length.
std::string digest(std::string_view bytes) { return hex_encode(sha256(bytes)); }
std::string key_text(std::string_view key) { return "idempotency#" + digest(key); }
// `name` keeps the parts of two answers apart.
std::string part_text(std::string_view key, std::string_view name, std::size_t part) {
  return std::string(key) + "#" + std::string(name) + "#" + std::to_string(part);
}
Item ledger_key(std::string key) { return {{"key", std::move(key)}}; }

std::string expiry_shard(std::size_t shard) { return "expiry#" + std::to_string(shard); }
std::string expiry_shard(std::string_view key) {
  return expiry_shard(static_cast<unsigned char>(sha256(key)[0]) % kExpiryShards);
}

std::int64_t epoch_seconds(Timestamp t) {
  return std::chrono::duration_cast<seconds>(t.time_since_epoch()).count();
}

// Free: nobody has it, or it has expired.
std::string is_free(Placeholders& placeholders, Timestamp now) {
  return "attribute_not_exists(" + placeholders.name("key") + ") OR " +
         placeholders.name("expires_at") + " <= " + placeholders.value(format_rfc3339(now));
}

// A try has ended without an answer: its time is over, or it said so.
bool is_given_up(const Item& held, Timestamp now) {
  return !held.contains("answer") && text_of(held, "held_until") <= format_rfc3339(now);
}

std::string is_unanswered(Placeholders& placeholders) {
  return "attribute_exists(" + placeholders.name("key") + ") AND attribute_not_exists(" +
         placeholders.name("answer") + ")";
}

std::string is_held_by(Placeholders& placeholders, std::string_view holder) {
  return is_unanswered(placeholders) + " AND " + placeholders.name("holder") + " = " +
         placeholders.value(base64_encode(holder));
}

Put hold_of(const std::string& table, const IdempotencyRequest& request, std::string_view seed,
            const std::string& hold) {
  Put put{table, ledger_key(key_text(request.key)), {}, {}};
  put.item.emplace("fingerprint", digest(request.fingerprint));
  put.item.emplace("seed", base64_encode(seed));
  put.item.emplace("held_until", format_rfc3339(request.held_until));
  put.item.emplace("expires_at", format_rfc3339(request.expires_at));
  put.item.emplace("expiry_shard", expiry_shard(request.key));
  put.item.emplace("ttl", epoch_seconds(request.expires_at));
  put.item.emplace("hold", hold);
  put.item.emplace("holder", base64_encode(request.holder));
  return put;
}

}  // namespace

Result<Usage> Ledger::usage(std::string_view user_id) {
  const auto item = TRY(client_.get(table_, ledger_key("usage#" + std::string(user_id))));
  if (!item) return Usage{};
  const auto count = [&](std::string_view name) {
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, number_of(*item, name).value_or(0)));
  };
  return Usage{count("images"), count("bytes")};
}

Result<IdempotencyState> Ledger::begin(const IdempotencyRequest& request) {
  const std::string hold = hex_encode(random_bytes(random_, 12));
  Put put = hold_of(table_, request, request.seed, hold);
  put.condition = is_free(put.placeholders, request.now);
  // Whoever holds it may free it between our put and our look.
  for (int tries = 0; tries < kHoldTries; ++tries) {
    const auto outcome = TRY(client_.write(put));
    if (outcome.done) return IdempotencyState{Kind::fresh, {}, request.seed};
    auto held = outcome.refusals.empty() ? std::nullopt : outcome.refusals.front().item;
    if (!held) held = TRY(client_.get(table_, ledger_key(key_text(request.key))));
    if (!held) continue;
    if (text_of(*held, "hold") == hold)  // our own put, whose answer was lost
      return IdempotencyState{Kind::fresh, {}, request.seed};
    if (!is_given_up(*held, request.now)) return state_of(*held, request);
    if (auto taken = TRY(take_over(*held, request))) return *std::move(taken);
  }
  return unavailable_error("The idempotency key changes hands too quickly.");
}

// Nothing: somebody else was quicker.
Result<std::optional<IdempotencyState>> Ledger::take_over(const Item& held,
                                                          const IdempotencyRequest& request) {
  const std::string hold = hex_encode(random_bytes(random_, 12));
  std::string seed = request.seed;
  if (text_of(held, "fingerprint") == digest(request.fingerprint) && held.contains("seed"))
    seed = TRY(base64_decode(text_of(held, "seed")));
  Put put = hold_of(table_, request, seed, hold);
  put.condition = put.placeholders.name("hold") + " = " +
                  put.placeholders.value(std::string(text_of(held, "hold"))) + " AND " +
                  is_unanswered(put.placeholders);
  const auto outcome = TRY(client_.write(put));
  bool is_ours = outcome.done;
  if (!is_ours && outcome.repeated) {
    const auto now_held = TRY(client_.get(table_, ledger_key(key_text(request.key))));
    is_ours = now_held && text_of(*now_held, "hold") == hold;
  }
  if (!is_ours) return std::optional<IdempotencyState>();
  return std::optional(IdempotencyState{Kind::fresh, {}, std::move(seed)});
}

Result<IdempotencyState> Ledger::state_of(const Item& held, const IdempotencyRequest& request) {
  if (text_of(held, "fingerprint") != digest(request.fingerprint))
    return IdempotencyState{Kind::mismatch, {}, {}};
  if (!held.contains("answer")) return IdempotencyState{Kind::in_progress, {}, {}};
  auto answer = TRY(read_answer(held));
  return IdempotencyState{Kind::replay, std::move(answer), {}};
}

Result<StoredAnswer> Ledger::read_answer(const Item& held) {
  const auto* answer = find<Item>(held, "answer");
  if (!answer) return internal_error("an idempotency key has an unreadable answer");
  StoredAnswer stored;
  stored.status = static_cast<int>(number_of(*answer, "status").value_or(0));
  stored.headers = TRY(base64_decode(text_of(*answer, "headers")));
  std::string body = text_of(*answer, "body");
  const std::string name = text_of(*answer, "parts_name");
  const auto parts = static_cast<std::size_t>(number_of(*answer, "parts").value_or(0));
  for (std::size_t part = 1; part <= parts; ++part) {
    const auto item =
        TRY(client_.get(table_, ledger_key(part_text(text_of(held, "key"), name, part))));
    if (!item) return unavailable_error("A part of the stored answer is gone.");
    body += text_of(*item, "body");
  }
  stored.body = TRY(base64_decode(body));
  return stored;
}

Result<void> Ledger::finish(std::string_view key, std::string_view holder,
                            const StoredAnswer& answer) {
  const std::string parts_name = hex_encode(random_bytes(random_, 8));
  const std::string name = key_text(key), body = base64_encode(answer.body);
  Item stored{{"status", answer.status}, {"headers", base64_encode(answer.headers)}};
  stored.emplace("body", body.substr(0, kPartBytes));
  std::size_t parts = 0;
  for (std::size_t at = kPartBytes; at < body.size(); at += kPartBytes) {
    const auto held = TRY(client_.get(table_, ledger_key(name)));
    if (!held || held->contains("answer") || text_of(*held, "holder") != base64_encode(holder))
      return {};
    Put part{table_, ledger_key(part_text(name, parts_name, ++parts)), {}, {}};
    part.item.emplace("body", body.substr(at, kPartBytes));
    for (const char* member : {"ttl", "expires_at", "expiry_shard"})
      if (const auto it = held->find(member); it != held->end()) part.item.insert(*it);
    TRY(client_.write(part));
  }
  stored.emplace("parts", std::uint64_t{parts});
  stored.emplace("parts_name", parts_name);
  Update update{table_, ledger_key(name), {}, {}, {}};
  update.update = "SET " + update.placeholders.name("answer") + " = " +
                  update.placeholders.value(std::move(stored));
  update.condition = is_held_by(update.placeholders, holder);
  TRY(client_.write(update));  // refused: it was answered, is gone, or is another's
  return {};
}

Result<void> Ledger::abandon(std::string_view key, std::string_view holder) {
  Update update{table_, ledger_key(key_text(key)), {}, {}, {}};
  update.update = "SET " + update.placeholders.name("held_until") + " = " +
                  update.placeholders.value(format_rfc3339(Timestamp{}));
  update.condition = is_held_by(update.placeholders, holder);
  TRY(client_.write(update));
  return {};
}

Result<bool> Ledger::forget_one(const std::string& key, Timestamp now) {
  Delete gone{table_, ledger_key(key), {}, {}};
  gone.condition =
      gone.placeholders.name("expires_at") + " <= " + gone.placeholders.value(format_rfc3339(now));
  return TRY(client_.write(gone)).done;
}

Result<std::size_t> Ledger::forget(Timestamp now) {
  std::size_t forgotten = 0;
  for (std::size_t shard = 0; shard < kExpiryShards; ++shard) {
    SortRange range;
    range.last = format_rfc3339(now);
    ListSource source(
        {table_, std::string(kExpiryIndex), "expiry_shard", expiry_shard(shard), "expires_at"},
        range, true, nullptr, nullptr);
    while (!source.is_exhausted()) {
      TRY(source.read(client_, 100));
      while (!source.is_empty())
        forgotten += TRY(forget_one(text_of(source.take().item, "key"), now)) ? 1 : 0;
    }
  }
  return forgotten;
}

Result<std::string> Ledger::secret(std::string_view name) {
  const Item key = ledger_key("secret#" + std::string(name));
  for (int tries = 0; tries < 2; ++tries) {
    const auto item = TRY(client_.get(table_, key));
    if (item) return hex_decode(text_of(*item, "secret"));
    Put put{table_, key, {}, {}};
    put.item.emplace("secret", hex_encode(random_bytes(random_, 32)));
    put.condition = "attribute_not_exists(" + put.placeholders.name("key") + ")";
    TRY(client_.write(put));  // refused: another one was first
  }
  return unavailable_error("The deployment's secret could not be read back.");
}

}  // namespace tintype::dynamodb
