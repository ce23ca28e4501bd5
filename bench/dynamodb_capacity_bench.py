#!/usr/bin/env python3
"""Read units of a page among 10,000 and a million images, on an emulator that counts as AWS does.

Usage: bench/dynamodb_capacity_bench.py [IMAGES]   (1000000)   after build bench dynamodb_capacity

dynalite keeps its tables in LevelDB on the disk: in memory it is slower with every row. A million
images take eleven minutes on two busy cores.
"""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests/aws"), str(ROOT / "tests/integration")]

from emulators import Dynalite  # noqa: E402
from tintype_server import clean_environment  # noqa: E402

PROGRAM = ROOT / os.environ.get("TINTYPE_BUILD", "build/bench") / "bench/dynamodb_capacity"


class DynaliteOnDisk(Dynalite):
    def launch(self):
        super().launch("--path", self.folder / "tables")


def main():
    if reason := Dynalite.missing():
        sys.exit(reason)
    with DynaliteOnDisk() as dynalite:
        environment = clean_environment(
            TINTYPE_TEST_DYNAMODB_ENDPOINT=dynalite.endpoint,
            TINTYPE_TEST_DYNAMODB_KEY=dynalite.access_key,
            TINTYPE_TEST_DYNAMODB_SECRET=dynalite.secret_key,
        )
        sys.exit(subprocess.run([PROGRAM, *sys.argv[1:]], env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
