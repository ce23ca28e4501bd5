// The table `image_ledger`: users' usage, idempotency keys, and the deployment's secrets.
//
// An idempotency key is held by one conditional put and answered by one conditional update;
// DynamoDB forgets it by its `ttl`, up to two days late, so its `expires_at` counts. A hold that
// was given up is taken over by a second conditional put, which keeps its seed. An answer that is
// too large for an item lies in parts beside it.
//
// Thread-safe. Errors: those of ports/metadata_store.h.
#pragma once

#include "adapters/aws/dynamodb_client.h"
#include "adapters/aws/dynamodb_tables.h"
#include "ports/metadata_store.h"

namespace tintype::dynamodb {

class Ledger {
 public:
  // The references must outlive the ledger.
  Ledger(Client& client, Random& random, std::string table)
      : client_(client), random_(random), table_(std::move(table)) {}

  Result<Usage> usage(std::string_view user_id);
  Result<IdempotencyState> begin(const IdempotencyRequest& request);
  Result<void> finish(std::string_view key, std::string_view holder, const StoredAnswer& answer);
  Result<void> abandon(std::string_view key, std::string_view holder);
  Result<std::size_t> forget(Timestamp now);
  // 32 random bytes under a name, the same for all who ask, made for the first one.
  Result<std::string> secret(std::string_view name);

 private:
  Result<std::optional<IdempotencyState>> take_over(const Item& held,
                                                    const IdempotencyRequest& request);
  Result<IdempotencyState> state_of(const Item& held, const IdempotencyRequest& request);
  Result<StoredAnswer> read_answer(const Item& held);
  Result<bool> forget_one(const std::string& key, Timestamp now);

  Client& client_;
  Random& random_;
  std::string table_;
};

}  // namespace tintype::dynamodb
