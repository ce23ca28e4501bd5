// The stores on AWS APIs, wired: credentials, clients, and the two stores over them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/settings.h"
#include "base/clock.h"
#include "base/random.h"
#include "ports/metadata_store.h"
#include "ports/object_store.h"

namespace tintype {

class AwsStores {
 public:
  // Sends nothing yet. The references must outlive the stores. Errors: one clear sentence on the
  // setting, region or file that makes no sense.
  static Result<std::unique_ptr<AwsStores>> create(const Settings& settings, const Clock& clock,
                                                   Random& random);
  ~AwsStores();

  MetadataStore& metadata();
  ObjectStore& objects();

  // Succeeds when tables and bucket are there and answer. Errors: `unavailable` with one sentence
  // that says what is missing or refused, and how to mend it.
  Result<void> check();
  // What all replicas sign cursors and links with: kept in the ledger, made by the first one.
  Result<std::string> secret();

  // Hears one line for people about each thing that is there or was changed, when it is done: what
  // was done before an error too.
  using Tell = std::function<void(const std::string& line)>;
  // Makes or verifies tables and bucket. True when something has changed, or would in a dry run.
  Result<bool> provision(bool dry_run, const Tell& tell);
  // Removes every object, the bucket and the tables. The same result.
  Result<bool> destroy(bool dry_run, const Tell& tell);

 private:
  struct Parts;
  explicit AwsStores(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tintype
