#include "handlers/idempotency.h"

#include "base/hash.h"
#include "domain/validators.h"
#include "handlers/problem.h"
#include "telemetry/log.h"

namespace tintype {
namespace {

constexpr auto kKept = std::chrono::hours(24);
// Longer than a request waits. One that lasts longer and the one that takes its key over would make
// the same images, and only the first answer is kept.
constexpr auto kHeld = kRequestBudget + seconds(10);

void append_part(std::string& out, std::string_view part) {
  out.append(std::to_string(part.size())).append(":").append(part);
}

std::string fingerprint(const Request& request, std::string_view content) {
  std::string parts;
  append_part(parts, request.method_text);
  append_part(parts, request.raw_path);
  append_part(parts, request.raw_query);
  append_part(parts, content);
  return sha256(parts);
}

// Headers as lines `name: value`; neither holds a line break.
std::string pack_headers(const Response& response) {
  std::string out;
  for (const auto& [name, value] : response.headers) out += name + ": " + value + "\n";
  return out;
}

Response unpack(const StoredAnswer& stored) {
  Response response;
  response.status = stored.status;
  std::string_view rest = stored.headers;
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    auto colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    response.set(std::string(line.substr(0, colon)), std::string(line.substr(colon + 2)));
  }
  response.set("Idempotency-Replayed", "true");
  response.body = stored.body;
  return response;
}

// 409 asks for another state first, 408 and 429 for another moment.
bool is_final(int status) {
  return status < 500 && status != 408 && status != 409 && status != 429;
}

Response run_and_store(const ApiContext& context, const IdempotencyRequest& held,
                       const Attempt& attempt,
                       const std::function<Response(const Attempt&)>& work) {
  Response response = work(attempt);
  const auto* body = std::get_if<std::string>(&response.body);
  auto stored = is_final(response.status) && !response.passing && body
                    ? context.services.metadata.finish_idempotent(
                          held.key, held.holder, {response.status, pack_headers(response), *body})
                    : context.services.metadata.abandon_idempotent(held.key, held.holder);
  // The work is done and its answer stands; only a replay will not find it.
  if (!stored.ok()) log_warn("idempotency key not kept", {{"detail", stored.error().detail}});
  return response;
}

Attempt attempt_of(const IdempotencyState& state, const Attempt& first) {
  if (state.seed == first.seed()) return first;
  auto again = Attempt::again(state.seed);
  return again.ok() ? std::move(*again) : first;
}

}  // namespace

Response with_idempotency(const ApiContext& context, const RepeatableRequest& repeatable,
                          const std::function<Response(const Attempt&)>& work) {
  const Request& request = repeatable.request;
  auto header = request.header("idempotency-key");
  if (!header) return work(repeatable.attempt);
  auto key = validate_idempotency_key(*header);
  if (!key.ok()) return problem_response(key.error(), request.request_id);

  IdempotencyRequest begin;
  begin.key = repeatable.caller.user_id + "\n" + *key;
  begin.fingerprint = fingerprint(request, repeatable.content);
  begin.now = context.services.clock.now();
  begin.held_until = begin.now + kHeld;
  begin.expires_at = begin.now + kKept;
  begin.seed = repeatable.attempt.seed();
  begin.holder = random_bytes(context.services.random, 12);
  auto state = context.services.metadata.begin_idempotent(begin);
  if (!state.ok()) return problem_response(state.error(), request.request_id);
  switch (state->kind) {
    case IdempotencyState::Kind::fresh:
      return run_and_store(context, begin, attempt_of(*state, repeatable.attempt), work);
    case IdempotencyState::Kind::replay: return unpack(state->answer);
    case IdempotencyState::Kind::mismatch:
      return problem_response({ErrorKind::unprocessable,
                               "idempotency_mismatch",
                               "The Idempotency-Key was used with another request.",
                               {}},
                              request.request_id);
    case IdempotencyState::Kind::in_progress: break;
  }
  Response busy = problem_response({ErrorKind::conflict,
                                    "idempotency_in_progress",
                                    "The first request with this Idempotency-Key is under way.",
                                    {}},
                                   request.request_id);
  busy.set("Retry-After", "1");
  return busy;
}

}  // namespace tintype
