#!/usr/bin/env python3
"""Uploads to three replicas behind nginx, on one bucket and one set of tables, that are killed.

Usage: bench/replicas_bench.py [--uploads N] [--clients N] [--kill-every SECONDS]
                               [--records ministack|moto] [--seed N]

Objects are in Ceph RGW, records in MiniStack or moto. A quarter of the uploads are forms, the
rest a create, a presigned PUT and a complete. Prints a table, and ends with 1 when anything was
lost, doubled or left behind. The program is $TINTYPE_BUILD/tintype (build/bench).
"""

import argparse
import contextlib
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests/aws"), str(ROOT / "tests/integration")]
os.environ.setdefault("TINTYPE_BUILD", "build/bench")

import emulators  # noqa: E402
import nginx_front  # noqa: E402
from deployment import Deployment  # noqa: E402
from storm import Plan, Storm  # noqa: E402
from storm_check import check  # noqa: E402

SECONDS_BETWEEN_REPORTS = 15
EXAMPLES = 5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uploads", type=int, default=5000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--kill-every", type=float, default=5, help="seconds, on average")
    parser.add_argument("--records", choices=("ministack", "moto"), default="ministack")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


class Progress:
    """A line on stderr every few seconds."""

    def __init__(self):
        self.started = self.reported = time.monotonic()
        self.lock = threading.Lock()

    def __call__(self, outcome):
        now = time.monotonic()
        with self.lock:
            if now < self.reported + SECONDS_BETWEEN_REPORTS:
                return
            self.reported = now
        print(
            f"{now - self.started:.0f} s: {len(outcome.acknowledged)} uploads,"
            f" {outcome.kills} kills, {len(outcome.failures)} failures",
            file=sys.stderr,
            flush=True,
        )


@contextlib.contextmanager
def deployed(records_in):
    """A deployment on emulators, and a client of its objects."""
    kinds = [emulators.CephRgw, emulators.ALL[records_in]]
    for needed in (nginx_front, *kinds):
        if reason := needed.missing():
            sys.exit(reason)
    with contextlib.ExitStack() as stack:
        temporary = tempfile.TemporaryDirectory(prefix="tintype-storm-")
        folder = pathlib.Path(stack.enter_context(temporary))
        ceph, dynamodb = (stack.enter_context(kind()) for kind in kinds)
        deployment = Deployment(folder, "storm", ceph, dynamodb, log__requests=False)
        stack.callback(deployment.end)
        yield deployment.init(), ceph.client("s3")


def table(outcome, findings):
    times = [entry.seconds for entry in outcome.acknowledged]
    cuts = statistics.quantiles(times, n=100)
    stored = len(outcome.acknowledged)
    return {
        "uploads acknowledged": stored,
        "uploads given up": len(outcome.failures),
        "kills": outcome.kills,
        "retries": outcome.retries.total(),
        "lost": len(findings.lost),
        "doubled": len(findings.doubled) + len(findings.strange),
        "left `processing`": len(findings.leftovers),
        "usage or tags counted wrongly": len(findings.miscounted),
        "originals missing, or with other bytes": len(findings.missing) + len(findings.damaged),
        "objects that a janitor swept up": len(findings.swept),
        "objects without a record after that": len(findings.orphaned),
        "seconds": f"{outcome.seconds:.0f}",
        "uploads/s": f"{stored / outcome.seconds:.1f}",
        "p50 of an upload": f"{cuts[49]:.2f} s",
        "p99 of an upload": f"{cuts[98]:.1f} s",
    }


def main():
    asked = arguments()
    # Ends what was started here, also when it is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended early"))
    plan = Plan(
        uploads=asked.uploads,
        clients=asked.clients,
        seconds_between_kills=asked.kill_every,
        seed=asked.seed,
    )
    with deployed(asked.records) as (deployment, s3):
        with Storm(deployment, deployment.folder, plan, Progress()) as storm:
            outcome = storm.run()
        findings = check(deployment, s3, plan, outcome)
    print("| | |\n|---|---|")
    for name, value in table(outcome, findings).items():
        print(f"| {name} | {value} |")
    for reason, count in outcome.retries.most_common():
        print(f"retried {count} times: {reason}", file=sys.stderr)
    wrong = {**findings.wrong(), **({"given up": outcome.failures} if outcome.failures else {})}
    for name, found in wrong.items():
        print(f"{name}: {len(found)}, such as {found[:EXAMPLES]}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
