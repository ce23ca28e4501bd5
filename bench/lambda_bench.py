#!/usr/bin/env python3
"""How long a Lambda function takes to start and to answer, beside a Python handler with boto3.

Usage: bench/lambda_bench.py [RUNS]   (20)   build/lambda/package is what `make lambda` has left
It exits with 1 when tintype on S3 and DynamoDB misses a target.

The functions take turns: each run starts every one of them once and then calls it. Cold: from the
start of the process to its first question for an event, as a Runtime API on loopback sees it, with
files in the page cache and a data folder that is there. Warm: from handing out an event to its
answer, for GET /healthz, of which the handler itself takes microseconds.
"""

import dataclasses
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/integration"))

from gateway_client import http_event  # noqa: E402
from lambda_runtime import Function, RuntimeApi  # noqa: E402

TARGETS = (15, 30, 1)  # ms cold, MB, ms warm
WARM_CALLS = 50  # of each run

# What a function in Python does before its first event: the runtime's loop, and boto3's clients.
PYTHON = """
import json, os, http.client, boto3
s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
table = boto3.resource("dynamodb", region_name="us-east-1", aws_access_key_id="a",
                       aws_secret_access_key="b").Table("images")
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
PATH = "/2018-06-01/runtime/invocation/"
while True:
    api.request("GET", PATH + "next")
    event = api.getresponse()
    body = json.loads(event.read())
    answer = json.dumps({"statusCode": 200, "body": '{"status":"ok"}'})
    api.request("POST", PATH + event.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", answer)
    api.getresponse().read()
"""


# As the templates configure a function; nothing is asked of AWS before the first event.
ON_AWS = {
    "env": {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1"},
    "store": "aws",
    "s3__bucket": "image-storage-bucket",
}


@dataclasses.dataclass
class Candidate:
    """A function, and what its runs measured: milliseconds, megabytes, milliseconds."""

    name: str
    program: list
    options: dict = dataclasses.field(default_factory=dict)
    cold: list = dataclasses.field(default_factory=list)
    memory: list = dataclasses.field(default_factory=list)
    warm: list = dataclasses.field(default_factory=list)

    def start(self, folder):
        function = Function(RuntimeApi(), folder / "data", folder / "log", program=self.program,
                            arguments=(), **self.options)
        assert function.runtime.first_next.wait(30), function.errors()
        return function

    def run(self, folder):
        """One start, and then calls to what was started."""
        function = self.start(folder)
        self.cold.append((function.runtime.first_next_at - function.started_at) * 1000)
        self.memory.append(function.status("VmHWM") / 1000)
        self.warm.append(statistics.median(warm_calls(function)))
        stop(function)

    def medians(self):
        return [statistics.median(column) for column in (self.cold, self.memory, self.warm)]

    def row(self):
        cold, memory, warm = self.medians()
        return (f"| {self.name} | {cold:.1f} ms | {min(self.cold):.1f} ms | {memory:.1f} MB "
                f"| {warm:.2f} ms |")


def stop(function):
    function.end()
    function.runtime.close()


def warm_calls(function):
    """Milliseconds of each call."""
    event = http_event("GET", "/healthz", "", {}, None)
    for _ in range(WARM_CALLS):
        from_ = time.perf_counter()
        assert function.invoke(event).answer["statusCode"] == 200
        yield (time.perf_counter() - from_) * 1000


def take_turns(candidates, runs):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for candidate in candidates:  # makes the data folder, fills the page cache
            stop(candidate.start(folder))
        for _ in range(runs):
            for candidate in candidates:
                candidate.run(folder)


def main(runs=20):
    bootstrap = ROOT / "build/lambda/package/bootstrap"
    if not bootstrap.exists():
        sys.exit("build/lambda/package is not there; make lambda makes it")
    ours = Candidate("tintype, S3 and DynamoDB", [str(bootstrap)], ON_AWS)
    candidates = [
        ours,
        Candidate("tintype, embedded stores", [str(bootstrap)]),
        Candidate("Python, boto3", ["/usr/bin/python3", "-c", PYTHON]),
    ]
    take_turns(candidates, runs)
    print("| function | cold, median | cold, fastest | peak memory | warm, median |")
    print("|---|---|---|---|---|")
    print("\n".join(candidate.row() for candidate in candidates))
    reached = all(is_ <= asked for is_, asked in zip(ours.medians(), TARGETS))
    asked = "{} ms, {} MB, {} ms warm".format(*TARGETS)
    print(f"targets: {asked}: {'reached' if reached else 'missed'}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
