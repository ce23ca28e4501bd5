// Janitor: what has to happen without anyone asking. Expires abandoned uploads, finishes those
// whose completer died, purges the trash when its time is over, forgets idempotency keys, and finds
// objects without a record and records without their object.
//
// All functions may be stopped at any step and run again; several janitors may run at once.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "services/service_context.h"

namespace tintype {

struct JanitorPolicy {
  // Nothing younger is ever taken for an orphan: its record may be on its way.
  milliseconds min_age = std::chrono::hours(1);
  bool repair = false;  // remove orphaned objects; otherwise only report them
};

struct JanitorReport {
  std::size_t completed = 0;  // uploads finished (active or failed)
  std::size_t expired = 0;    // uploads given up
  std::size_t purged = 0;     // images removed for good
  std::size_t errors = 0;     // records that could not be dealt with now; the next run tries again
  bool operator==(const JanitorReport&) const = default;
};

struct ReconcileReport {
  std::size_t objects = 0;  // looked at
  std::size_t records = 0;
  std::size_t removed = 0;                    // orphaned objects removed (repair)
  std::vector<std::string> orphaned_objects;  // keys without a record that needs them, at most 1000
  std::vector<std::string> missing_objects;   // ids of active images whose original is not there
};

// Deals with every record that is due. `stop` ends it early.
Result<JanitorReport> run_due(const ServiceContext& context, const std::atomic<bool>& stop);

// Lifts every lease, so that nobody waits for completers that are no more. Only for a process that
// has just started and is the only one on these stores: elsewhere they may be alive.
// Returns how many there were.
Result<std::size_t> release_leases(const ServiceContext& context);

// Finishes uploads whose bytes have arrived but whose completer was never told (after a restart, or
// when the queue was full). Leaves alone what someone holds a lease on.
Result<JanitorReport> complete_arrived(const ServiceContext& context,
                                       const std::atomic<bool>& stop);

// Walks all objects and all records and holds them against each other.
Result<ReconcileReport> reconcile(const ServiceContext& context, const JanitorPolicy& policy,
                                  const std::atomic<bool>& stop);

}  // namespace tintype
