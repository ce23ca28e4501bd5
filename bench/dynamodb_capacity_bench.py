#!/usr/bin/env python3
"""Read units of a page among 10,000 and a million images, on an emulator that counts as AWS does.

Usage: bench/dynamodb_capacity_bench.py [IMAGES]   (1000000)   after build bench dynamodb_capacity

dynalite keeps its tables in LevelDB on the disk: in memory it is slower with every row. A million
images take eleven minutes on two busy cores. It exits with 1 when a page costs more among many
images than among few.
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


def dearer_pages(report):
    """The lines of the program's table whose last column, the ratio, is not 1 or less."""
    header, *rows = report[report.index("page of 50 by") :].splitlines()
    assert header.endswith("ratio") and rows, report
    return [row for row in rows if not float(row.split()[-1]) <= 1]


def run(environment):
    """The program's output, which is shown as it comes."""
    shown = []
    with subprocess.Popen(
        [PROGRAM, *sys.argv[1:]], env=environment, stdout=subprocess.PIPE, text=True
    ) as program:
        for line in program.stdout:
            print(line, end="", flush=True)
            shown.append(line)
    if program.returncode != 0:
        sys.exit(program.returncode)
    return "".join(shown)


def main():
    if reason := Dynalite.missing():
        sys.exit(reason)
    with DynaliteOnDisk() as dynalite:
        environment = clean_environment(
            TINTYPE_TEST_DYNAMODB_ENDPOINT=dynalite.endpoint,
            TINTYPE_TEST_DYNAMODB_KEY=dynalite.access_key,
            TINTYPE_TEST_DYNAMODB_SECRET=dynalite.secret_key,
        )
        dearer = dearer_pages(run(environment))
    print("asked: the same among both: " + ("missed" if dearer else "reached"))
    return 1 if dearer else 0


if __name__ == "__main__":
    sys.exit(main())
